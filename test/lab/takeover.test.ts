/**
 * Two copies of each service: the active one is killed, or stands still and wakes up, in the middle of a change. The other one
 * takes over, nothing is done twice, and whoever wakes up does no harm. One lab for the whole file.
 */
import { labStatus } from "@weft/lab";
import { longRun } from "@weft/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { applyText, eventually, weftDone, weftJson, yamlOf } from "./command-line.ts";
import { activeCopy, copies, isFollower } from "./copies.ts";
import { DockerLog } from "./docker-log.ts";
import { Edge, documents, group, tenant } from "./edge.ts";
import { insertedTwice } from "./northbound-log.ts";

const ready = (what: string) =>
  weftDone("wait", what, "--for", "ready", "--timeout", "90s", "--tenant", tenant);
const Shards = z.array(z.object({ name: z.string(), state: z.string() }));
const Events = z.array(
  z.object({
    type: z.string(),
    subject: z.string(),
    time: z.string(),
    data: z.looseObject({ reason: z.string().optional() }),
  }),
);
type Event = z.infer<typeof Events>[number];
const badEvents = new Set(["dev.weft.shard.failed", "dev.weft.node.lost"]);

let edge: Edge;
let docker: DockerLog;

beforeAll(async () => {
  await weftDone("up", "--json");
  docker = await DockerLog.start();
  expect(await applyText(yamlOf(documents()))).toMatchObject({ code: 0, stderr: "" });
  await ready("chain/edge");
  edge = await Edge.open();
});

afterAll(async () => {
  await edge?.close();
  await docker?.[Symbol.asyncDispose]();
  await weftDone("down");
});

/** Sessions go through one gateway and one agent: those through one that hung or died are over. */
async function reopen(): Promise<void> {
  await edge.close();
  edge = await Edge.open();
}

async function scaleTo(replicas: number): Promise<void> {
  await weftDone("scale", `fg/${group}`, "--replicas", String(replicas), "--tenant", tenant);
}

/** Everybody is served by as many ready shards as are wanted, and nothing that was well was called bad since then. */
async function expectServed(replicas: number, since: number): Promise<void> {
  await eventually(`${replicas} shards are ready`, 60_000, async () => {
    const all = Shards.parse(await weftJson("get", "shards", "--tenant", tenant));
    const shards = all.filter(({ state }) => state !== "draining");
    return shards.length === replicas && shards.every(({ state }) => state === "ready") ? true : undefined;
  });
  await ready(`fg/${group}`);
  await ready("chain/edge");
  expect(await edge.reachable()).not.toContain(false);
  const events = await eventsSince(since);
  expect(events.length).toBeGreaterThan(0);
  expect(events.filter((event) => badEvents.has(event.type) && !isHiccup(event, events))).toEqual([]);
}

/** Two cores that run three nodes keep a probe waiting now and then: no copy judged wrongly if it passes again within a second. */
function isHiccup({ type, subject, time, data }: Event, events: readonly Event[]): boolean {
  if (type !== "dev.weft.shard.failed" || data.reason !== "ProbeLost") return false;
  const after = (event: Event) => Date.parse(event.time) - Date.parse(time);
  return events.some(
    (event) =>
      event.type === "dev.weft.shard.ready" &&
      event.subject === subject &&
      after(event) >= 0 &&
      after(event) < 1_000,
  );
}

/** Of all tenants, for nodes have none; by their times, for only the last thousand are told, which must reach so far back. */
async function eventsSince(since: number): Promise<Event[]> {
  const told = Events.parse(await weftJson("events"));
  expect(Date.parse(told[0]?.time ?? "")).toBeLessThan(since);
  return told.filter(({ time }) => Date.parse(time) >= since);
}

const northboundLog = () => `${labFolder()}/central/nb.db`;
function labFolder(): string {
  return labStatus()?.endpoints?.tokenFile.replace(/\/token$/, "") ?? "";
}

const leading = ["scheduler", "network-stitcher", "health"] as const;

describe.each(leading)("the active copy of %s", (service) => {
  it("is killed in the middle of a scale: the other goes on, and nothing is made twice", async () => {
    const since = Date.now();
    const first = await activeCopy(service);
    await scaleTo(4);
    process.kill(first.pid, "SIGKILL");
    await eventually("the other copy leads", 10_000, async () => {
      const now = await activeCopy(service).catch(() => undefined);
      return now === undefined || now.id === first.id ? undefined : true;
    });
    await expectServed(4, since);
    expect(docker.madeTwice()).toEqual([]);
    expect(await insertedTwice(northboundLog())).toEqual([]);
    await scaleTo(1);
    await expectServed(1, since);
  });
});

describe.each(longRun ? leading : leading.slice(1, 2))("the active copy of %s, too,", (service) => {
  it("stands still for ten seconds in the middle of a scale and wakes up as a follower that does no harm", async () => {
    const since = Date.now();
    const first = await activeCopy(service);
    await scaleTo(4);
    process.kill(first.pid, "SIGSTOP");
    const woken = continueAfter(10_000, first.pid);
    try {
      await eventually("the other copy leads", 9_000, async () => {
        const now = await activeCopy(service).catch(() => undefined);
        return now === undefined || now.id === first.id ? undefined : true;
      });
      await expectServed(4, since);
    } finally {
      await woken;
    }
    await eventually("the first one follows", 10_000, async () =>
      (await isFollower(service, first.id)) ? true : undefined,
    );
    await scaleTo(1);
    await expectServed(1, since);
    expect(docker.madeTwice()).toEqual([]);
    expect(await insertedTwice(northboundLog())).toEqual([]);
  });
});

describe.each(["intent", "gateway"] as const)("a copy of %s, of which both are active", (service) => {
  it("stands still for ten seconds: whoever asks is answered, and the past is not carried out", async () => {
    const both = await eventually("both copies are there", 20_000, async () => {
      const found = await copies(service);
      return found.length === 2 ? found : undefined;
    });
    const [still] = both;
    if (still === undefined) throw new Error("there is no copy");
    const since = Date.now();
    process.kill(still.pid, "SIGSTOP");
    const woken = continueAfter(10_000, still.pid);
    try {
      // Whatever copy gets each of them; the last one is what must stay.
      for (const replicas of [2, 3, 2]) await scaleTo(replicas);
    } finally {
      await woken;
    }
    await reopen();
    await expectServed(2, since);
    const shown = await weftJson("get", "fg", group, "--tenant", tenant);
    expect(shown).toMatchObject({ spec: { replicas: 2 } });
    await scaleTo(1);
    await expectServed(1, since);
  });

  it("is killed: whoever asks is answered by the other one", async () => {
    const [first] = await copies(service);
    if (first === undefined) throw new Error("there is no copy");
    const since = Date.now();
    process.kill(first.pid, "SIGKILL");
    await scaleTo(2);
    await reopen();
    await expectServed(2, since);
    await scaleTo(1);
    await expectServed(1, since);
  });
});

describe("an agent that stands still for ten seconds", () => {
  it("is called lost and comes back, and its shards are what they were", async () => {
    const since = Date.now();
    await scaleTo(3);
    await expectServed(3, since);
    const ids = docker.running();
    const agent = (await copies("agent"))[0];
    if (agent === undefined) throw new Error("there is no agent");
    process.kill(agent.pid, "SIGSTOP");
    await continueAfter(10_000, agent.pid);
    const back = Date.now();
    await eventually("every node is ready", 30_000, async () => {
      const nodes = z.array(z.object({ state: z.string() })).parse(await weftJson("get", "nodes"));
      return nodes.every(({ state }) => state === "ready") ? true : undefined;
    });
    await reopen();
    await expectServed(3, back);
    expect((await eventsSince(since)).map(({ type }) => type)).toContain("dev.weft.node.lost");
    // Those that drained meanwhile are gone; nothing was made anew.
    expect(ids).toEqual(expect.arrayContaining([...docker.running()]));
  });
});

/** The standstill is what is tested: it ends by the clock. */
function continueAfter(ms: number, pid: number): Promise<void> {
  return new Promise((done) => {
    setTimeout(() => {
      process.kill(pid, "SIGCONT");
      done();
    }, ms);
  });
}
