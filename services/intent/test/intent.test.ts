import { listServices } from "@weft/consul";
import { createLog, systemClock } from "@weft/runtime";
import type { Service } from "@weft/runtime";
import type { ConsulServer, NatsServer } from "@weft/testkit";
import { eventually, startConsul, startNats } from "@weft/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createIntentService } from "../src/service.ts";
import { faultsIn, plainClient } from "./plain-client.ts";
import type { PlainClient } from "./plain-client.ts";

let nats: NatsServer;
let consul: ConsulServer;
let copies: Service[] = [];
let client: PlainClient;

beforeAll(async () => {
  [nats, consul] = await Promise.all([startNats(), startConsul()]);
  const context = { log: createLog("intent", "warn"), clock: systemClock() };
  copies = [1, 2, 3].map(() => createIntentService({ natsUrl: nats.url, consulUrl: consul.url }, context));
  await Promise.all(copies.map((copy) => copy.start()));
  client = await plainClient(nats.url);
});

afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await Promise.all(copies.map((copy) => copy.stop()));
  await Promise.all([nats[Symbol.asyncDispose](), consul[Symbol.asyncDispose]()]);
});

const network = (name: string, subnet: string, tenant = "demo") => ({
  kind: "Network",
  metadata: { name, tenant },
  spec: { subnets: [subnet] },
});
const group = (name: string, config: object, tenant = "demo") => ({
  kind: "FunctionGroup",
  metadata: { name, tenant },
  spec: { function: "firewall", config },
});

describe("a plain NATS client applies documents", () => {
  it("good ones are kept, answered and told", async () => {
    const reply = await client.apply([
      network("inside", "10.1.0.0/16"),
      network("outside", "10.2.0.0/16"),
      group("fw", {
        default: "drop",
        rules: [{ name: "web", action: "accept", from: "inside", protocol: "tcp", ports: [80] }],
      }),
      {
        kind: "Chain",
        metadata: { name: "edge", tenant: "demo" },
        spec: { from: "inside", to: "outside", through: ["fw"] },
      },
    ]);
    expect(faultsIn(reply)).toEqual([]);
    expect(reply).toMatchObject({
      accepted: true,
      documents: [{ name: "inside", change: "created" }, {}, {}, {}],
    });
    expect([...(await client.bucket("weft_intents")).keys()].toSorted()).toEqual([
      "demo.chain.edge",
      "demo.functiongroup.fw",
      "demo.network.inside",
      "demo.network.outside",
    ]);
    await eventually("four events", async () => {
      const events = await client.events();
      return events.filter((event) => event.startsWith("dev.weft.intent.accepted demo/")).length === 4;
    });
  });

  it("all faults of one request are named, those of a document beside an unknown field too, and nothing is kept", async () => {
    const before = await client.bucket("weft_intents");
    const reply = await client.apply([
      { ...network("third", "10.2.128.0/24"), colour: "red" },
      network("fourth", "10.1.7.0/24"),
      group("bad", { default: "drop", rules: [{ name: "x", action: "accept", from: "nowhere" }] }),
    ]);
    expect(reply).toMatchObject({ accepted: false, status: 422 });
    expect(reply.errors?.map(({ path }) => path)).toEqual([
      "documents[0].colour",
      "documents[0].spec.subnets[0]",
      "documents[1].spec.subnets[0]",
      expect.stringMatching(/^documents\[2\]\.spec\.config\.rules\[0\]/),
    ]);
    expect(await client.bucket("weft_intents")).toEqual(before);
  });

  it.each([
    ["broken JSON", '{"documents":[', "syntax-error"],
    ["nothing at all", "", "invalid-request"],
    ["a number", "7", "invalid-request"],
    ["an unknown field", '{"documents":[{}],"force":true}', "invalid-request"],
    [
      "too many documents",
      JSON.stringify({ documents: Array.from({ length: 1001 }, () => ({})) }),
      "too-many-documents",
    ],
    ["more than 1 MiB", JSON.stringify({ documents: ["x".repeat(1024 * 1024)] }), "too-large"],
  ])("%s is refused at once, never with silence", async (_, text, code) => {
    expect(await client.ask("weft.intent.apply", text)).toMatchObject({ accepted: false, code });
  });

  it("an old revision is refused, and so is a deletion of what is needed", async () => {
    const old = await client.apply([network("inside", "10.1.0.0/16")], { ifRevision: 99_999 });
    expect(old).toMatchObject({ accepted: false, code: "conflict" });
    const needed = await client.remove({ kind: "network", tenant: "demo", name: "inside" });
    expect(needed).toMatchObject({ accepted: false, code: "in-use" });
    expect(faultsIn(needed)[0]).toContain("chain/edge");
  });

  it("deletes, and gives the name anew as another resource", async () => {
    const uid = async () => {
      const record = (await client.bucket("weft_intents")).get("gone.network.a") as
        | { uid: string }
        | undefined;
      return record?.uid;
    };
    await client.apply([network("a", "10.1.0.0/16", "gone")]);
    const first = await uid();
    expect(await client.remove({ kind: "net", tenant: "gone", name: "a" })).toMatchObject({ accepted: true });
    expect(await uid()).toBeUndefined();
    expect(await client.apply([network("a", "10.1.0.0/16", "gone")])).toMatchObject({ accepted: true });
    expect(await uid()).not.toBe(first);
  });

  it("1,000 documents are one batch", async () => {
    const many = Array.from({ length: 1000 }, (_, n) =>
      network(`n${n}`, `10.${n >> 8}.${n & 255}.0/24`, "many"),
    );
    expect(await client.apply(many)).toMatchObject({ accepted: true });
    const again = await client.apply(many);
    expect(new Set(again.documents?.map(({ change }) => change))).toEqual(new Set(["unchanged"]));
  });
});

describe("three copies of the service", () => {
  it("are registered in Consul", async () => {
    await eventually("three passing copies", async () => {
      const found = await listServices(consul.url, { name: "intent" });
      return found.filter(({ state }) => state === "passing").length === 3;
    });
  });

  it("let in one of any networks that overlap, when all come at once", async () => {
    const wanted = Array.from({ length: 30 }, (_, n) => network(`r${n}`, `10.${n % 5}.0.0/16`, "race"));
    const replies = await Promise.all(wanted.map((one) => client.apply([one])));
    expect(replies.filter(({ accepted }) => accepted)).toHaveLength(5);
    for (const reply of replies.filter(({ accepted }) => !accepted))
      expect(faultsIn(reply)).toEqual([expect.stringContaining("overlaps")]);
    const kept = [...(await client.bucket("weft_intents")).keys()].filter((key) => key.startsWith("race."));
    expect(kept).toHaveLength(5);
  });

  it("know at once what another one has accepted", async () => {
    for (let n = 0; n < 20; n += 1) {
      expect(await client.apply([network(`s${n}`, `10.${n}.0.0/16`, "soon")])).toMatchObject({
        accepted: true,
      });
      const workload = {
        kind: "Workload",
        metadata: { name: `w${n}`, tenant: "soon" },
        spec: { networks: [{ network: `s${n}` }] },
      };
      expect(await client.apply([workload])).toMatchObject({ accepted: true });
    }
  });
});
