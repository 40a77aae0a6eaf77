/** What the demonstration shows a person: steps with the time they began at, the result, what to try next. All on stderr. */
import type { LabEndpoints } from "../state.ts";
import type { DemoWeft } from "./demonstration.ts";
import type { DemonstrationResult } from "./result.ts";
import { resultTable } from "./result.ts";
import { group, tenant } from "./world.ts";

const begun = performance.now();
const print = (line: string) => process.stderr.write(`${line}\n`);

export const say = {
  step: (line: string) => print(`[${((performance.now() - begun) / 1000).toFixed(1).padStart(5)} s] ${line}`),
  detail: (line: string) => print(`          ${line}`),
  fault: (line: string) => print(`weft: ${line}`),
};

export async function showResult(result: DemonstrationResult, weft: DemoWeft, brief: boolean): Promise<void> {
  const nodes = new Map((await weft.shards()).map(({ name, node }) => [name, node]));
  print("");
  print(resultTable(result, (shard) => nodes.get(shard) ?? "-"));
  print("");
  if (brief) return;
  const { connections, wrongShardReplies, denied, brokenByScale, shardsBefore, shardsAfter } = result;
  print(
    `One firewall became ${shardsAfter}. ${connections} new connections were spread over them; each shard counted`,
  );
  print(
    `its own, and ${wrongShardReplies === 0 ? "every reply came back" : `${wrongShardReplies} replies did not come back`} by the shard that had let the request through.`,
  );
  print(
    `Ports that no rule allows were tried through each shard: ${denied.refused} of ${denied.attempted} refused.`,
  );
  if (brokenByScale > 0)
    print(
      `Of the connections opened while there was ${shardsBefore} shard, ${brokenByScale} broke when their clients moved to another.`,
    );
}

export function showWhatNext({ gateway }: LabEndpoints): void {
  print("");
  print("It all stays up until Ctrl-C. In another terminal, in this folder, try:");
  for (const [command, what] of [
    [`npx weft get shards --tenant ${tenant}`, "the four shards and where they run"],
    [`npx weft get slots fg/${group} --tenant ${tenant}`, "which shard owns which clients"],
    [
      `npx weft exec shard/${group}-0 --tenant ${tenant} -- nft list ruleset`,
      "the rules inside a shard, with their counters",
    ],
    [`npx weft scale fg/${group} --replicas 2 --tenant ${tenant}`, "two shards less"],
    [`npx weft describe chain/edge --tenant ${tenant}`, "what the chain does, and its latest events"],
    ["npx weft events --follow", "what happens, as it happens"],
  ])
    print(`  ${(command ?? "").padEnd(72)} ${what}`);
  print(`The REST API is described at ${gateway}/docs.`);
}
