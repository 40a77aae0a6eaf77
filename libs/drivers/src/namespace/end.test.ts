import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { startTimeOf } from "../proc.ts";
import { endProcesses } from "./end.ts";

/** A leader of a group of its own and a child of it. */
async function group(child: string) {
  const script = `sh -c "${child}" & echo $!; wait`;
  const leader = spawn("sh", ["-c", script], { detached: true, stdio: ["ignore", "pipe", "ignore"] });
  const [said] = await once(leader.stdout, "data");
  const pid = leader.pid ?? 0;
  const process = { pid, startTime: startTimeOf(pid) ?? "", startedAt: "", spec: "" };
  const identity = { tenant: "t", kind: "workload" as const, name: "w", placement: `not-placed-${pid}` };
  return { state: { identity, process }, pids: [pid, Number(String(said))] };
}
const runs = (pid: number) => startTimeOf(pid) !== undefined;

describe("the processes of a placement that goes", () => {
  it("end with their group", async () => {
    const { state, pids } = await group("exec sleep 1000");
    expect(pids.every(runs)).toBe(true);
    await endProcesses([state]);
    expect(pids.some(runs)).toBe(false);
  });

  it("end though one ignores SIGTERM and its leader does not", async () => {
    const { state, pids } = await group("trap '' TERM; exec sleep 1000");
    const ignoresTerm = () => {
      const mask = /^SigIgn:\s*(\S+)/m.exec(readFileSync(`/proc/${pids[1]}/status`, "utf8"))?.[1] ?? "0";
      return (BigInt(`0x${mask}`) & 0x4000n) !== 0n;
    };
    await expect.poll(ignoresTerm, { timeout: 5_000 }).toBe(true);
    await endProcesses([state]);
    expect(pids.some(runs)).toBe(false);
  });

  it("are theirs alone: who got the id of one that ended is left in peace", async () => {
    const { state, pids } = await group("exec sleep 1000");
    await endProcesses([{ ...state, process: { ...state.process, startTime: "1" } }]);
    expect(pids.every(runs)).toBe(true);
    await endProcesses([state]);
  });
});
