/** What waits for what within a round, and whom a failure concerns. */
import type { ProvisionSeen, ProvisionStep } from "@weft/decide";
import { createLogTo, testClock } from "@weft/runtime";
import { describe, expect, it } from "vitest";
import { executeRound } from "./execute-round.ts";
import type { Executors, Fail } from "./executor.ts";
import { Failures } from "../failures.ts";

type Kind = ProvisionStep["kind"];
const step = (kind: Kind, uid: string, placed: "shard" | "workload" = "shard") =>
  ({
    kind,
    uid,
    why: "",
    key: uid,
    target: { placement: { kind: placed, uid } },
  }) as unknown as ProvisionStep;

/** Executors that tell when they begin and end, and end when they are let. */
function recorded(held: Partial<Record<Kind, Promise<void>>>, fails: readonly string[] = []) {
  const history: string[] = [];
  const executor = (kind: Kind) => async (steps: readonly ProvisionStep[], fail: Fail) => {
    const uids = steps.map(({ uid }) => uid).join();
    history.push(`${kind} ${uids}`);
    await held[kind];
    for (const { uid } of steps) if (fails.includes(`${kind} ${uid}`)) fail(uid, new Error("broken"));
    history.push(`${kind} ${uids} done`);
  };
  const kinds: readonly Kind[] = [
    "putRealized",
    "deleteRealized",
    "stopProbe",
    "remove",
    "stopInstance",
    "unwire",
    "createHolder",
    "wire",
    "startInstance",
    "loadConfig",
    "startProbe",
  ];
  const executors = Object.fromEntries(kinds.map((kind) => [kind, executor(kind)])) as unknown as Executors;
  return { history, executors };
}

function run(steps: readonly ProvisionStep[], executors: Executors): Promise<ProvisionStep[]> {
  const seen = { placements: [] } as unknown as ProvisionSeen;
  const log = createLogTo("test", "silent", () => undefined);
  return executeRound(steps, seen, { executors, failures: new Failures(testClock()), log });
}

describe("a round", () => {
  it("starts functions while their links are made, and workloads when they are", async () => {
    const wired = Promise.withResolvers<void>();
    const { history, executors } = recorded({ wire: wired.promise });
    const steps = [
      step("wire", "s"),
      step("wire", "w", "workload"),
      step("startInstance", "s"),
      step("startInstance", "w", "workload"),
      step("loadConfig", "s"),
    ];
    const done = run(steps, executors);
    await new Promise((turn) => setImmediate(turn));
    expect(history).toEqual(["wire s,w", "startInstance s", "startInstance s done"]);
    wired.resolve();
    await done;
    expect(history.slice(3)).toEqual([
      "wire s,w done",
      "startInstance w",
      "startInstance w done",
      "loadConfig s",
      "loadConfig s done",
    ]);
  });

  it("does not wait for its reports, but ends with them", async () => {
    const reported = Promise.withResolvers<void>();
    const { history, executors } = recorded({ putRealized: reported.promise });
    let ended = false;
    const done = run([step("putRealized", "s"), step("createHolder", "s")], executors).finally(() => {
      ended = true;
    });
    await new Promise((turn) => setImmediate(turn));
    expect(history).toEqual(["putRealized s", "createHolder s", "createHolder s done"]);
    expect(ended).toBe(false);
    reported.resolve();
    await done;
  });

  it("leaves the rest of a placement out when a step of it failed, and of no other", async () => {
    const { history, executors } = recorded({}, ["wire s"]);
    const steps = [step("wire", "s"), step("wire", "t"), step("loadConfig", "s"), step("loadConfig", "t")];
    expect(await run(steps, executors)).toEqual(steps.filter(({ uid }) => uid === "s"));
    expect(history.filter((line) => line.startsWith("loadConfig"))).toEqual([
      "loadConfig t",
      "loadConfig t done",
    ]);
  });
});
