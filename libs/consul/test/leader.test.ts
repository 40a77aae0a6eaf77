import { fileURLToPath } from "node:url";
import { createLogTo } from "@weft/runtime";
import { ServerProcess, eventually, startConsul } from "@weft/testkit";
import { describe, expect, it } from "vitest";
import type { Leadership } from "../src/index.ts";
import { checksOf } from "./support/checks.ts";
import { leaderOf, listServices, registerService, standForLeader } from "../src/index.ts";

const log = createLogTo("test", "silent", () => undefined);
const candidate = fileURLToPath(new URL("support/candidate.ts", import.meta.url));

async function world() {
  const stack = new AsyncDisposableStack();
  const consul = stack.use(await startConsul());
  const stand = async (id: string) => {
    const leadership = await standForLeader({ url: consul.url, service: "scheduler", id, log });
    stack.defer(() => leadership.close());
    return leadership;
  };
  const child = async (id: string) =>
    stack.use(
      await ServerProcess.start({
        name: id,
        command: () => [process.execPath, candidate, consul.url, "scheduler", id],
        ready: async ({ output }) => output.includes("\n"),
      }),
    );
  return { consul, stand, child, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

async function leads(who: Leadership, withinMs = 5_000): Promise<number> {
  const since = performance.now();
  await eventually("the candidate leads", () => who.leads(), { withinMs });
  return performance.now() - since;
}

describe("several copies of a service", () => {
  it("have one leader, whose epoch is greater than any before", async () => {
    await using at = await world();
    const one = await at.stand("one");
    await leads(one);
    const two = await at.stand("two");
    const [first, told] = [one.epoch(), { changes: 0 }];
    two.changed.subscribe(() => (told.changes += 1));
    expect(await leaderOf(at.consul.url, "scheduler")).toBe("one");
    expect([two.leads(), two.epoch()]).toEqual([false, 0]);
    await one.close();
    expect(one.leads()).toBe(false);
    await leads(two);
    expect(two.epoch()).toBeGreaterThan(first);
    expect(told.changes).toBe(1);
  });

  it("lead on above an epoch that somebody knows of, and so do those who come after", async () => {
    await using at = await world();
    const [one, two] = [await at.stand("one"), await at.stand("two")];
    await eventually("one of them leads", () => one.leads() || two.leads());
    const [leader, other] = one.leads() ? [one, two] : [two, one];
    const above = leader.epoch() + 86_400_000;
    await other.rise(above);
    await leader.rise(above);
    await eventually("its epoch is later", () => leader.epoch() === above + 1);
    await leader.close();
    await leads(other);
    expect(other.epoch()).toBeGreaterThan(above + 1);
  });

  it("replace a leader that was killed within three seconds", async () => {
    await using at = await world();
    const child = await at.child("child");
    await eventually("the child leads", () => child.output.includes("leads"));
    const other = await at.stand("other");
    await child.down("SIGKILL");
    const tookMs = await leads(other);
    console.info(`takeover after a kill: ${Math.round(tookMs)} ms`);
    expect(tookMs).toBeLessThan(3_000);
  });

  it("replace a leader that was asked to stop at once", async () => {
    await using at = await world();
    const child = await at.child("child");
    await eventually("the child leads", () => child.output.includes("leads"));
    const other = await at.stand("other");

    const stopped = child.down("SIGTERM");
    const tookMs = await leads(other);
    await stopped;
    console.info(`takeover after a release: ${Math.round(tookMs)} ms`);
    expect(tookMs).toBeLessThan(900);
  });

  it("never have two leaders while one of them stands still, and let it come back as a follower", async () => {
    await using at = await world();
    const child = await at.child("child");
    await eventually("the child leads", () => child.output.includes("leads"));
    const other = await at.stand("other");
    child.signal("SIGSTOP");
    await leads(other);
    child.signal("SIGCONT");
    await eventually("the child knows that it leads no more", () =>
      child.output.trimEnd().endsWith("follows 0"),
    );
    expect(other.leads()).toBe(true);
    await other.close();
    await eventually("the child leads again", () => /leads \d+\s*$/.test(child.output));
  });

  it("elect again after Consul was killed, and after it lost its data, with growing epochs", async () => {
    await using at = await world();
    const one = await at.stand("one");
    await leads(one);
    const epochs = [one.epoch()];
    for (const emptyData of [false, true]) {
      await at.consul.restart({ emptyData });
      await leads(one, 20_000);
      epochs.push(one.epoch());
    }
    expect(epochs.toSorted((a, b) => a - b)).toEqual(epochs);
    expect(one.epoch()).toBeGreaterThan(epochs[0] ?? 0);
  });

  it("lead nothing while Consul stands still", async () => {
    await using at = await world();
    const one = await at.stand("one");
    await leads(one);
    at.consul.server.signal("SIGSTOP");
    await eventually("it leads no more", () => !one.leads(), { withinMs: 2_000 });
    at.consul.server.signal("SIGCONT");
    await leads(one, 20_000);
  });
});

describe("a registered service that also stands for leader", () => {
  it("is one copy in the list, marked as the leader, and gone after both are closed", async () => {
    await using at = await world();
    const { url } = at.consul;
    const registration = await registerService({ url, name: "scheduler", id: "one", ttlSeconds: 5, log });
    const one = await at.stand("one");
    await leads(one);
    const [service] = await eventually("the service is listed", async () => {
      const found = await listServices(url);
      return found.length > 0 && found;
    });
    expect(service).toMatchObject({ name: "scheduler", id: "one", state: "passing", leader: true });
    expect(await checksOf(url, "one")).toHaveLength(2);
    await one.close();
    await registration.close();
    await eventually("nothing is listed", async () => (await listServices(url)).length === 0);
  });
});
