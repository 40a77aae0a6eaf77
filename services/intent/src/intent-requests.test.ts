import type { KnownIntents } from "@weft/decide";
import type { Accepted, Fault } from "@weft/schemas";
import { WeftError } from "@weft/schemas";
import { describe, expect, it } from "vitest";
import { intentRequests } from "./intent-requests.ts";
import type { Functions, IntentStore, StoredIntent } from "./ports.ts";

const inside = { kind: "Network", metadata: { name: "inside" }, spec: { subnets: ["10.1.0.0/16"] } };
const clash = { kind: "Network", metadata: { name: "clash" }, spec: { subnets: ["10.1.2.0/24"] } };
const fw = {
  kind: "FunctionGroup",
  metadata: { name: "fw" },
  spec: { function: "firewall", config: { a: 1 } },
};

/** A bucket in memory; `meanwhile` writes something else between a read and the next commit. */
function memoryStore(): IntentStore & {
  writes: StoredIntent[][];
  meanwhile: StoredIntent[][];
  intents: KnownIntents;
} {
  let revision = 0;
  const intents = new Map<string, { value: NonNullable<StoredIntent["record"]>; revision: number }>();
  const write = (batch: readonly StoredIntent[]) => {
    for (const { key, record } of batch) {
      revision += 1;
      if (record === undefined) intents.delete(key);
      else intents.set(key, { value: record, revision });
    }
  };
  const store = {
    intents,
    writes: [] as StoredIntent[][],
    meanwhile: [] as StoredIntent[][],
    read: async () => ({ intents: new Map(intents), revision }),
    commit: async (batch: readonly StoredIntent[], expected: number) => {
      write(store.meanwhile.shift() ?? []);
      if (expected !== revision) throw new WeftError("conflict", "changed meanwhile");
      store.writes.push([...batch]);
      write(batch);
      return revision;
    },
  };
  return store;
}

function requestsOn(store: IntentStore, faults: readonly Fault[] = []) {
  let ids = 0;
  const checked: string[] = [];
  const functions: Functions = {
    known: [{ name: "firewall", runtimes: ["docker"] }],
    checkConfig: async (name, config) => {
      checked.push(`${name} ${JSON.stringify(config)}`);
      return faults;
    },
    quickCheck: (_name, _config, networks) =>
      "inside" in networks ? [] : [{ path: "rules[0].from", message: "there is no network inside" }],
  };
  const now = () => "2030-01-01T00:00:00.000Z";
  const requests = intentRequests({ store, functions, now, newId: () => `id-${(ids += 1)}` });
  return { ...requests, checked };
}

async function refusalOf(answer: Promise<Accepted>): Promise<{ code: string; faults: string[] }> {
  try {
    await answer;
  } catch (error) {
    if (error instanceof WeftError)
      return { code: error.code, faults: error.faults.map(({ path, message }) => `${path}: ${message}`) };
    throw error;
  }
  throw new Error("it was accepted");
}

describe("an envelope that is not one", () => {
  it.each<[string, unknown, string, string[]]>([
    ["nothing", undefined, "invalid-request", [": Invalid input: expected object, received undefined"]],
    ["a list", [inside], "invalid-request", [": Invalid input: expected object, received array"]],
    [
      "unknown fields",
      { documents: [inside], force: 1, b: 2 },
      "invalid-request",
      ["force: is no field of a request", "b: is no field of a request"],
    ],
    ["no documents", { documents: [] }, "invalid-request", ["documents: needs at least one document"]],
    ["1,001 documents", { documents: Array.from({ length: 1001 }, () => inside) }, "too-many-documents", []],
    ["over 1 MiB", { documents: ["ü".repeat(600_000)] }, "too-large", []],
  ])("%s", async (_, data, code, faults) => {
    expect(await refusalOf(requestsOn(memoryStore()).apply(data))).toEqual({ code, faults });
  });

  it("a deletion of an unknown kind", async () => {
    const answer = requestsOn(memoryStore()).remove({ kind: "Pod", name: "a" });
    expect(await refusalOf(answer)).toMatchObject({ code: "invalid-request" });
  });
});

describe("a request", () => {
  it("is written as one batch, with uids and times, and answered for each document", async () => {
    const store = memoryStore();
    const reply = await requestsOn(store).apply({ documents: [inside, fw] });
    expect(reply).toEqual({
      accepted: true,
      revision: 2,
      documents: [
        { kind: "Network", tenant: "default", name: "inside", generation: 1, change: "created" },
        { kind: "FunctionGroup", tenant: "default", name: "fw", generation: 1, change: "created" },
      ],
    });
    expect(store.writes).toHaveLength(1);
    expect(store.intents.get("default.network.inside")?.value).toMatchObject({
      uid: "id-2",
      generation: 1,
      createdAt: "2030-01-01T00:00:00.000Z",
      cause: "id-1",
    });
  });

  it("keeps uid and age through a change", async () => {
    const store = memoryStore();
    const requests = requestsOn(store);
    await requests.apply({ documents: [inside] });
    const before = store.intents.get("default.network.inside")?.value;
    await requests.apply({ documents: [{ ...inside, spec: { ...inside.spec, mtu: 1300 } }] });
    expect(store.intents.get("default.network.inside")?.value).toMatchObject({
      uid: before?.uid,
      generation: 2,
    });
  });

  it("writes nothing when it is a dry run, changes nothing, or has a fault", async () => {
    const store = memoryStore();
    const requests = requestsOn(store);
    await requests.apply({ documents: [inside], dryRun: true });
    expect(store.writes).toHaveLength(0);
    await requests.apply({ documents: [inside] });
    const again = await requests.apply({ documents: [inside] });
    expect(again.documents[0]?.change).toBe("unchanged");
    await refusalOf(requests.apply({ documents: [fw, clash] }));
    expect(store.writes).toHaveLength(1);
  });

  it("names faults of documents and of configurations at once", async () => {
    const requests = requestsOn(memoryStore(), [{ path: "rules[1].ports", message: "is no port" }]);
    const answer = await refusalOf(requests.apply({ documents: [inside, clash, fw] }));
    expect(answer).toEqual({
      code: "invalid-document",
      faults: [
        "documents[0].spec.subnets[0]: overlaps 10.1.2.0/24 of the network clash",
        "documents[1].spec.subnets[0]: overlaps 10.1.0.0/16 of the network inside",
        "documents[2].spec.config.rules[1].ports: is no port",
      ],
    });
  });

  it("does not delete a network that a configuration names", async () => {
    const requests = requestsOn(memoryStore());
    await requests.apply({ documents: [inside, fw] });
    expect(await refusalOf(requests.remove({ kind: "net", name: "inside" }))).toEqual({
      code: "in-use",
      faults: ["name: is needed by the configuration of functiongroup/fw: there is no network inside"],
    });
  });
});

describe("somebody else writes between the look and the write", () => {
  const written = async (document: unknown): Promise<StoredIntent[]> => {
    const store = memoryStore();
    await requestsOn(store).apply({ documents: [document] });
    return store.writes[0] ?? [];
  };

  it("it is decided again, and refused when the other one overlaps", async () => {
    const store = memoryStore();
    store.meanwhile.push(await written(clash));
    expect((await refusalOf(requestsOn(store).apply({ documents: [inside] }))).faults).toEqual([
      "documents[0].spec.subnets[0]: overlaps 10.1.2.0/24 of the network clash",
    ]);
    expect(store.intents.has("default.network.inside")).toBe(false);
  });

  it("it is decided again, and written when the other one does not matter", async () => {
    const store = memoryStore();
    store.meanwhile.push(await written({ ...fw, metadata: { name: "other" } }));
    const requests = requestsOn(store);
    await requests.apply({ documents: [fw] });
    expect(store.intents.size).toBe(2);
    expect(requests.checked).toHaveLength(1); // a sound configuration is not checked twice
  });
});
