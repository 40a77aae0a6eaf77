/**
 * A plan holds: what a dry run foretells is what the services then do, step by step and row by row, and a dry run does nothing.
 * One lab for the file; each test begins where the one before has come to rest.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { PlannedStep, WeftEvent } from "@weft/schemas";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { eventually, northboundDump, run, top, weftDone, weftJson } from "./command-line.ts";
import { network, rowsChanged, rowsPlanned, stepsOf, stepsSince } from "./steps-done.ts";

const example = join(top, "examples/edge-firewall.yaml");
const bin = join(top, "libs/cli/bin/weft.mjs");
const Endpoints = z.object({ nats: z.string(), northbound: z.string() });
let endpoints: z.infer<typeof Endpoints>;

beforeAll(async () => {
  endpoints = Endpoints.parse(JSON.parse(await weftDone("up", "--json")));
});
afterAll(async () => {
  await weftDone("down");
});

/** Runs the command, first as a dry run, and wants the services to do what it said and nothing else. */
async function foretold(args: readonly string[], stdin = ""): Promise<PlannedStep[]> {
  const plan = await planOf(args, stdin);
  const before = await network(endpoints.northbound);
  const since = new Date().toISOString();
  const done = await run(process.execPath, [bin, ...args], stdin);
  expect(done).toMatchObject({ code: 0 });
  const wanted = sorted(stepsOf(plan));
  const rows = sorted(anyMask(rowsPlanned(plan)));
  const seen = async () => ({
    steps: sorted(await stepsSince(since, endpoints.nats)),
    rows: sorted(anyMask(rowsChanged(before, await network(endpoints.northbound)))),
  });
  await eventually("the last planned step", 60_000, async () => {
    const { steps } = await seen();
    return wanted.every((step) => steps.includes(step)) || undefined;
  }).catch(() => undefined); // what is missing shows best in the comparison
  expect(await seen()).toEqual({ steps: wanted, rows });
  return plan;
}

async function planOf(args: readonly string[], stdin = ""): Promise<PlannedStep[]> {
  const outcome = await run(process.execPath, [bin, ...args, "--dry-run", "-o", "json"], stdin);
  expect(outcome).toMatchObject({ code: 0, stderr: "" });
  return z.array(PlannedStep).parse(JSON.parse(outcome.stdout));
}

/**
 * Which masks a shard's slots make depends on which of several new shards is ready first, and no plan can know that:
 * the policies of one hop and direction count as one.
 */
function anyMask(rows: ReadonlySet<string>): Set<string> {
  return new Set([...rows].map((row) => row.replace(/(address|port)\/\d+\/\d+$/, "$1")));
}

function sorted(words: ReadonlySet<string>): string[] {
  return [...words].toSorted((a, b) => (a < b ? -1 : 1));
}

/** The example with one more port let in. */
async function widerRule(): Promise<string> {
  const text = await readFile(example, "utf8");
  expect(text).toContain("[5201, ");
  return text.replace("[5201, ", "[5202, 5201, ");
}

async function lastSequences(): Promise<Record<string, number>> {
  const connection = await connect({ servers: endpoints.nats });
  const found: Record<string, number> = {};
  for await (const { config, state } of (await jetstreamManager(connection)).streams.list())
    found[config.name] = state.last_seq;
  await connection.close();
  return found;
}

describe("what a dry run foretells is what is then done", () => {
  it("for the example, from nothing", async () => {
    const plan = await foretold(["apply", "-f", example]);
    expect(new Set(plan.map(({ service }) => service))).toEqual(
      new Set(["intent", "scheduler", "agent", "network-stitcher"]),
    );
    await weftDone("wait", "chain/edge", "--for", "ready", "--timeout", "60s", "--tenant", "demo");
  });

  it("nothing, when it is applied again", async () => {
    expect(await planOf(["apply", "-f", example])).toEqual([]);
    expect(await weftDone("apply", "-f", example, "--dry-run")).toContain("nothing would be done");
  });

  it("for a scale from one shard to four", async () => {
    const plan = await foretold(["scale", "fg/edge-fw", "--replicas", "4", "--tenant", "demo"]);
    expect(plan.filter(({ kind }) => kind === "placeShard")).toHaveLength(3);
  });

  it("for a changed rule, which loads it into each shard and moves nothing", async () => {
    const text = (await widerRule()).replace("replicas: 1", "replicas: 4");
    const plan = await foretold(["apply", "-f", "-"], text);
    const kinds = new Set(plan.map(({ service, kind }) => `${service} ${kind}`));
    expect(kinds).toEqual(
      new Set([
        "intent changeDocument",
        "scheduler changePlacement",
        "agent loadConfig",
        "agent putRealized",
        "network-stitcher putStitched",
      ]),
    );
  });

  it("for a scale back to two", async () => {
    await foretold(["scale", "fg/edge-fw", "--replicas", "2", "--tenant", "demo"]);
  });

  it("for the deletion of all of it", async () => {
    await foretold(["delete", "-f", example]);
    expect(await weftJson("get", "shards", "--tenant", "demo")).toEqual([]);
  });
});

describe("the events of all that", () => {
  it("each name what is behind them: a request, or a revision that some record really had", async () => {
    const events = z.array(WeftEvent).parse(await weftJson("events", "--tenant", "demo"));
    const revisions = await allRevisions();
    const causes = events.map(({ id, type, causationid = "none" }) => ({
      id,
      known: type.startsWith("dev.weft.intent.")
        ? z.uuid().safeParse(causationid).success
        : revisions.has(causationid),
      causationid,
    }));
    expect(causes.filter(({ known }) => !known)).toEqual([]);
    expect(new Set(events.map(({ type }) => type.replace("dev.weft.", "")))).toEqual(
      new Set([
        "intent.accepted",
        "intent.deleted",
        "chain.ready",
        "handoff.started",
        "handoff.finished",
        "shard.placed",
        "shard.ready",
        "shard.draining",
        "shard.removed",
      ]),
    );
  });

  /** `<bucket>/<key>@<revision>` of every message that the buckets' streams still have. */
  async function allRevisions(): Promise<Set<string>> {
    const connection = await connect({ servers: endpoints.nats });
    const manager = await jetstreamManager(connection);
    const found = new Set<string>();
    for await (const { config, state } of manager.streams.list())
      for (let seq = Math.max(1, state.first_seq); seq <= state.last_seq; seq += 1) {
        const message = await manager.streams.getMessage(config.name, { seq });
        const [, bucket, key] = /^\$KV\.([^.]+)\.(.+)$/.exec(message?.subject ?? "") ?? [];
        if (bucket !== undefined && key !== undefined) found.add(`${bucket}/${key}@${seq}`);
      }
    await connection.close();
    return found;
  }
});

describe("a dry run", () => {
  it("writes nothing: no stream and no row is another one afterwards", async () => {
    const dump = await northboundDump(endpoints.northbound);
    const sequences = await lastSequences();
    expect(await planOf(["apply", "-f", example])).not.toEqual([]);
    expect(await lastSequences()).toEqual(sequences);
    expect(await northboundDump(endpoints.northbound)).toBe(dump);
  });
});
