/** A node is cut off: from everything, or from the control plane alone while its traffic goes on. */
import { done } from "../../lab/command-line.ts";
import type { Field, Injection } from "./injection.ts";

const longestMs = 10_000;
const table = "weft-nemesis";
const controlAddress = "198.18.0.1";

export function nodePartitionOf({ chance, nodes }: Field): Injection {
  const node = chance.oneOf(nodes);
  const set = (state: "up" | "down") =>
    done("ip", "-n", "weft-underlay", "link", "set", node, state).then(() => undefined);
  return {
    kind: "partition",
    target: `${node} from everybody`,
    forMs: chance.between(500, longestMs),
    begin: () => set("down"),
    heal: () => set("up"),
  };
}

/** Frames that are dropped, as a broken path drops them: nobody is told, connections hang. */
export function controlPartitionOf({ chance, nodes }: Field): Injection {
  const node = chance.oneOf(nodes);
  const nft = (...commands: string[]) =>
    done("nsenter", `--net=/run/netns/weft-${node}`, "nft", commands.join("; ")).then(() => undefined);
  return {
    kind: "partition",
    target: `${node} from the control plane`,
    forMs: chance.between(500, longestMs),
    begin: () =>
      nft(
        `add table inet ${table}`,
        `add chain inet ${table} in { type filter hook input priority 0; }`,
        `add chain inet ${table} out { type filter hook output priority 0; }`,
        `add rule inet ${table} in ip saddr ${controlAddress} drop`,
        `add rule inet ${table} out ip daddr ${controlAddress} drop`,
      ),
    heal: () => nft(`delete table inet ${table}`),
  };
}
