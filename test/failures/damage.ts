/**
 * What the failure runs break: a shard in each of its three ways, services, a whole node. Ends and stops only processes of the lab
 * that it is given, by their ids.
 */
import { readdirSync, readlinkSync, statSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { copies } from "../lab/copies.ts";
import type { FailureLab } from "./failure-lab.ts";
import { run } from "./failure-lab.ts";

/** Holder and function: the namespace goes with them, and all that was in it. */
export async function prepareCrash(lab: FailureLab, shard: string): Promise<() => void> {
  const { holder, instance } = await lab.processesOf(shard);
  return () => [holder, instance].forEach((pid) => process.kill(pid, "SIGKILL"));
}

export async function prepareFunctionEnd(lab: FailureLab, shard: string): Promise<() => void> {
  const { instance } = await lab.processesOf(shard);
  return () => process.kill(instance, "SIGKILL");
}

export interface Gray {
  strike(): void;
  heal(): Promise<void>;
}

/** Its rules are flushed: all processes run, all links are up, and every packet is dropped. */
export async function prepareGray(lab: FailureLab, shard: string): Promise<Gray> {
  const { holder } = await lab.processesOf(shard);
  const inside = ["-t", String(holder), "-n", "nft"];
  const { stdout: rules } = await run("nsenter", [...inside, "list", "table", "inet", "weft_firewall"]);
  const nft = (input: string) => {
    const { status, stderr } = spawnSync("nsenter", [...inside, "-f", "-"], { input });
    if (status !== 0) throw new Error(`nft: ${String(stderr)}`);
  };
  const flush = "flush table inet weft_firewall\n";
  return { strike: () => nft(flush), heal: () => Promise.resolve(nft(`${flush}${rules}`)) };
}

/** Both copies of a service stand still until it is disposed of. */
export async function pauseService(name: string): Promise<Disposable> {
  const pids = (await copies(name)).map(({ pid }) => pid);
  if (pids.length === 0) throw new Error(`no copy of ${name} is there`);
  for (const pid of pids) process.kill(pid, "SIGSTOP");
  return { [Symbol.dispose]: () => pids.forEach((pid) => process.kill(pid, "SIGCONT")) };
}

export interface FrozenNode {
  thaw(): Promise<void>;
}

/** Every process of a node stands still, its containers' too, and its link is down. */
export async function prepareFreeze(node: string): Promise<() => Promise<FrozenNode>> {
  const pids = await processesOfNode(node);
  const link = (state: "up" | "down") => run("ip", ["-n", `weft-${node}`, "link", "set", "uplink", state]);
  return async () => {
    for (const pid of pids) process.kill(pid, "SIGSTOP");
    await link("down");
    return {
      thaw: async () => {
        await link("up");
        for (const pid of pids) signalIfThere(pid);
      },
    };
  };
}

function signalIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGCONT");
  } catch {
    // a child of a child ended
  }
}

/** Those in the node's namespace, all that they started, and those of its containers. */
async function processesOfNode(node: string): Promise<number[]> {
  const inode = statSync(`/run/netns/weft-${node}`).ino;
  const filter = `label=weft.dev/node=${node}`;
  const { stdout: ids } = await run("docker", ["ps", "--quiet", "--filter", filter]);
  const containers = ids.split("\n").filter((id) => id !== "");
  const { stdout: pids } =
    containers.length === 0
      ? { stdout: "" }
      : await run("docker", ["inspect", "--format", "{{.State.Pid}}", ...containers]);
  const found = new Set(
    pids
      .split("\n")
      .map(Number)
      .filter((pid) => pid > 0),
  );
  const all = readdirSync("/proc").map(Number).filter(Number.isInteger);
  for (const pid of all) if (namespaceOf(pid) === `net:[${inode}]`) found.add(pid);
  for (const pid of await childrenOf([...found])) found.add(pid);
  return [...found];
}

function namespaceOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return undefined;
  }
}

async function childrenOf(parents: readonly number[]): Promise<number[]> {
  const { stdout } = await run("ps", ["-e", "-o", "pid=,ppid="]);
  const pairs = stdout
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const found = new Set(parents);
  for (let size = 0; size !== found.size;) {
    size = found.size;
    for (const [pid = 0, parent = 0] of pairs) if (found.has(parent)) found.add(pid);
  }
  return [...found];
}
