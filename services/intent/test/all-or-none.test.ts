/**
 * All or none, and one winner for each revision: copies of the intent service as processes that are killed in mid-apply,
 * and many clients at once that change the same document. Real nats-server; the clients use nothing of Weft.
 */
import path from "node:path";
import { connectBus } from "@weft/bus";
import type { Bus, View } from "@weft/bus";
import { createLogTo } from "@weft/runtime";
import type { IntentRecord } from "@weft/schemas";
import type { ConsulServer, NatsServer } from "@weft/testkit";
import { ServerProcess, eventually, startConsul, startNats } from "@weft/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { PlainClient } from "./plain-client.ts";
import { faultsIn, plainClient } from "./plain-client.ts";

const main = path.join(import.meta.dirname, "../src/main.ts");
let nats: NatsServer;
let consul: ConsulServer;
let client: PlainClient;

beforeAll(async () => {
  [nats, consul] = await Promise.all([startNats(), startConsul()]);
  client = await plainClient(nats.url);
});
afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await Promise.all([nats[Symbol.asyncDispose](), consul[Symbol.asyncDispose]()]);
});

function startIntent(): Promise<ServerProcess> {
  const settings = [`WEFT_NATS_URL=${nats.url}`, `WEFT_CONSUL_URL=${consul.url}`, "WEFT_LOG_LEVEL=warn"];
  return ServerProcess.start({
    name: "intent",
    command: () => ["env", ...settings, process.execPath, main],
    ready: () =>
      client.ask("weft.intent.apply", '{"documents":[]}').then(
        () => true,
        () => false,
      ),
  });
}

const network = (name: string, tenant: string, more: object = {}) => ({
  kind: "Network",
  metadata: { name, tenant, ...more },
  spec: { subnets: [`10.${Number(name.slice(1)) >> 8}.${Number(name.slice(1)) & 255}.0/24`] },
});

describe("the intent service, killed in mid-apply", () => {
  const count = 1000;
  /** The kill comes when so many messages were seen on their way: the request, then those of the batch; the last is the commit. */
  const moments = [1, 2, 250, 500, 1000, 1001];

  let bus: Bus;
  let view: View<IntentRecord>;
  const sizes = new Set<number>();
  beforeAll(async () => {
    bus = await connectBus({ url: nats.url, name: "test", log: createLogTo("test", "silent", () => {}) });
    view = await bus.view("intents");
    view.changed.subscribe(() => sizes.add(view.entries().size));
  });
  afterAll(() => bus.close());

  it.each(moments)("after message %i leaves all of 1,000 documents or none", async (moment) => {
    const tenant = `crash-${moment}`;
    await using intent = await startIntent();
    const killed = killedAfter(moment, intent);
    const documents = Array.from({ length: count }, (_, n) => network(`n${n}`, tenant));
    client.apply(documents).catch(() => undefined); // nobody is left to answer
    await killed;
    await using again = await startIntent();
    expect(again.pid).toBeDefined();
    const there = await keysOf(tenant);
    expect([0, count]).toContain(there);
    const complete = await client.apply(documents);
    expect({ there, answer: complete.accepted }).toEqual({ there, answer: true });
    expect(await keysOf(tenant)).toBe(count);
  });

  it("never showed a view a part of them", () => {
    expect(view.entries().size).toBe(count * moments.length);
    expect([...sizes].filter((size) => size % count !== 0)).toEqual([]);
  });

  /** Resolves once it is dead. */
  async function killedAfter(messages: number, intent: ServerProcess): Promise<void> {
    let seen = 0;
    const enough = Promise.withResolvers<void>();
    const callback = (_error: unknown, message: { readonly data: Uint8Array }) => {
      if (message.data.length > 0) seen += 1;
      if (seen === messages) enough.resolve();
    };
    const watching = ["weft.intent.apply", "$KV.weft_intents.>"].map((subject) =>
      client.connection.subscribe(subject, { callback }),
    );
    await enough.promise;
    await intent.down("SIGKILL");
    for (const one of watching) one.unsubscribe();
  }

  async function keysOf(tenant: string): Promise<number> {
    return [...(await client.bucket("weft_intents")).keys()].filter((key) => key.startsWith(`${tenant}.`))
      .length;
  }
});

describe("many clients that change one document at once", () => {
  const Record = z.object({
    document: z.object({ metadata: z.object({ labels: z.object({ n: z.string() }) }) }),
  });
  let copies: ServerProcess[] = [];
  beforeAll(async () => {
    copies = await Promise.all([1, 2, 3].map(startIntent));
  });
  afterAll(async () => {
    await Promise.all(copies.map((copy) => copy[Symbol.asyncDispose]()));
  });

  const counted = (n: number, more: object = {}) =>
    network("n1", "count", { labels: { n: `${n}` }, ...more });
  const counter = async () => {
    const record = (await client.bucket("weft_intents")).get("count.network.n1");
    return Number(Record.parse(record).document.metadata.labels.n);
  };

  it("has one winner for each revision, by ifRevision as by metadata.revision", async () => {
    const first = await client.apply([counted(0)], { ifRevision: 0 });
    let revision = z.number().parse(first.revision);
    for (let round = 1; round <= 5; round += 1) {
      const replies = await Promise.all(
        Array.from({ length: 30 }, (_, n) =>
          n % 2 === 0
            ? client.apply([counted(100 * round + n)], { ifRevision: revision })
            : client.apply([counted(100 * round + n, { revision })]),
        ),
      );
      const accepted = replies.filter((reply) => reply.accepted);
      expect(accepted).toHaveLength(1);
      for (const reply of replies.filter((one) => !one.accepted)) {
        expect(reply.code).toBe("conflict");
        expect(faultsIn(reply)[0]).toMatch(/^(ifRevision|documents\[0\]\.metadata\.revision): is /);
      }
      revision = z.number().parse(accepted[0]?.revision);
    }
  });

  it("loses no update: 20 clients that each add one five times make 100", async () => {
    const start = await client.apply([counted(0)]);
    expect(start.accepted).toBe(true);
    const add = async () => {
      await eventually(
        "an addition",
        async () => {
          const { n, revision } = await current();
          return (await client.apply([counted(n + 1)], { ifRevision: revision })).accepted;
        },
        { withinMs: 50_000 },
      );
    };
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        for (let turn = 0; turn < 5; turn += 1) await add();
      }),
    );
    expect(await counter()).toBe(100);
  });

  async function current(): Promise<{ n: number; revision: number }> {
    const { value, revision } = await client.entry("weft_intents", "count.network.n1");
    return { n: Number(Record.parse(value).document.metadata.labels.n), revision };
  }

  it("without a revision the last one counts, and each is a revision of its own", async () => {
    const replies = await Promise.all(
      Array.from({ length: 30 }, (_, n) => client.apply([counted(1000 + n)])),
    );
    expect(replies.every(({ accepted }) => accepted)).toBe(true);
    const revisions = replies.map(({ revision }) => revision ?? 0);
    expect(new Set(revisions).size).toBe(30);
    expect(await counter()).toBe(1000 + revisions.indexOf(Math.max(...revisions)));
  });
});
