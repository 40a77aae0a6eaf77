/**
 * Records that earlier versions wrote are read by this one, with their meaning kept: a machine is upgraded under its records.
 * The files are put into a real nats-server as they were written, and read back by the bus's own reader.
 */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { Kvm } from "@nats-io/kv";
import type { Bus } from "@weft/bus";
import { connectBus } from "@weft/bus";
import { decideSchedule } from "@weft/decide";
import { createLogTo } from "@weft/runtime";
import { buckets } from "@weft/schemas";
import { startNats } from "@weft/testkit";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { meaningOf } from "../fixtures/meaning.ts";
import { bucketNames, fixtureVersions, readMeaning, readRevisions } from "../fixtures/record-files.ts";
import type { StoredRevision } from "../fixtures/record-files.ts";
import { versionsToKeep } from "../fixtures/versions.ts";

const top = join(import.meta.dirname, "../..");
const versions = await fixtureVersions();

describe("the versions whose records are kept", () => {
  it("are every tagged one, every released one and the present one", async () => {
    const { stdout } = await promisify(execFile)("git", ["tag", "--list"], { cwd: top });
    const changelog = await readFile(join(top, "CHANGELOG.md"), "utf8");
    const { version: present } = z
      .object({ version: z.string() })
      .parse(JSON.parse(await readFile(join(top, "package.json"), "utf8")));
    const wanted = versionsToKeep({ tags: stdout.split("\n"), changelog, present });
    expect(versions).toEqual(expect.arrayContaining(wanted));
  });

  it.each([
    ["a tag", { tags: ["v0.2.0", "not-a-version"], changelog: "", present: "0.1.0" }, ["0.1.0", "0.2.0"]],
    [
      "a heading of the changelog that is released",
      { tags: [], changelog: "## 0.4.0 (unreleased)\n\n## 0.3.0\n", present: "0.1.0" },
      ["0.1.0", "0.3.0"],
    ],
  ])("are asked for by %s", (_, told, wanted) => {
    expect(versionsToKeep(told)).toEqual(wanted);
  });
});

describe.each(versions)("records of %s", (version) => {
  it.each(bucketNames)("in %s are all read, each field as it was", async (bucket) => {
    const revisions = (await readRevisions(version, bucket)) ?? [];
    for (const { key, revision, value } of revisions) {
      if (value === null) continue;
      const { data, error } = buckets[bucket].schema.safeParse(value);
      expect([bucket, key, revision, error?.issues]).toEqual([bucket, key, revision, undefined]);
      expect(data).toMatchObject(value);
    }
  });

  it("mean over the bus what they meant", async () => {
    await using world = await worldOf(version);
    expect(meaningOf(world.records)).toEqual(await readMeaning(version));
    expect(world.complaints).toEqual([]);
  });

  it("make the scheduler send nothing away", async () => {
    await using world = await worldOf(version);
    const kinds = decideSchedule(world.records, "2030-01-01T00:00:00.000Z").map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === "leave" || kind === "forget")).toEqual([]);
    expect(world.records.placements.size).toBeGreaterThan(0);
  });
});

/** The records as they stand at the end, read by the views of the bus from a server that was given them by a plain client. */
async function worldOf(version: string) {
  await using building = new AsyncDisposableStack();
  const nats = building.use(await startNats());
  const complaints: string[] = [];
  const log = createLogTo("test", "warn", (line) => complaints.push(line));
  const bus = building.adopt(await connectBus({ url: nats.url, name: "test", log }), (open) => open.close());
  for (const name of bucketNames)
    await putAll(bus, buckets[name].bucket, (await readRevisions(version, name)) ?? []);
  const records = {
    intents: (await bus.view("intents")).entries(),
    placements: (await bus.view("placements")).entries(),
    realized: (await bus.view("realized")).entries(),
    nodes: (await bus.view("nodes")).entries(),
    slots: (await bus.view("slots")).entries(),
    stitched: (await bus.view("stitched")).entries(),
    health: (await bus.view("health")).entries(),
    access: (await bus.view("access")).entries(),
    shims: (await bus.view("shims")).entries(),
  };
  const open = building.move();
  return { records, complaints, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

async function putAll(bus: Bus, bucket: string, revisions: readonly StoredRevision[]): Promise<void> {
  const kv = await new Kvm(bus.connection).open(bucket);
  for (const { key, value } of revisions)
    if (value === null) await kv.delete(key);
    else await kv.put(key, JSON.stringify(value));
}
