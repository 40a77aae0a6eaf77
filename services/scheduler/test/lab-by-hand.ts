/**
 * Intent service and schedulers as processes of their own, and a plain NATS client in the place of all other services.
 * The client writes the records that agents and the stitcher would write; it uses nothing of Weft.
 */
import path from "node:path";
import type { KV } from "@nats-io/kv";
import { Kvm } from "@nats-io/kv";
import { connect } from "@nats-io/transport-node";
import { ServerProcess, startConsul, startNats } from "@weft/testkit";
import { z } from "zod";

const services = path.resolve(import.meta.dirname, "../..");
const Placement = z.looseObject({
  kind: z.string(),
  name: z.string(),
  uid: z.string().optional(),
  node: z.string().optional(),
  generation: z.number().optional(),
  leaving: z.boolean().optional(),
  interfaces: z.array(z.looseObject({ addresses: z.array(z.string()) })).optional(),
});
export type Placement = z.infer<typeof Placement>;
const at = "2030-01-01T00:00:00.000Z";

export async function labByHand() {
  await using building = new AsyncDisposableStack();
  const nats = building.use(await startNats());
  const consul = building.use(await startConsul());
  const service = async (name: string) => {
    const main = path.join(services, name, "src/main.ts");
    const settings = [`WEFT_NATS_URL=${nats.url}`, `WEFT_CONSUL_URL=${consul.url}`, "WEFT_LOG_LEVEL=warn"];
    return building.use(
      await ServerProcess.start({
        name,
        command: () => ["env", ...settings, process.execPath, main],
        ready: () => isPassing(consul.url, name),
      }),
    );
  };
  const intent = await service("intent");
  const schedulers = [await service("scheduler"), await service("scheduler")];
  const connection = building.adopt(await connect({ servers: nats.url }), (open) => open.close());
  const bucket = async (name: string) => new Kvm(connection).open(name);
  const put = async (name: string, key: string, record: object) =>
    (await bucket(name)).put(key, JSON.stringify(record));
  const placements = await watched(await bucket("weft_placements"));
  const open = building.move();
  return {
    intent,
    schedulers,
    connection,
    consulUrl: consul.url,
    put,
    remove: async (name: string, key: string) => (await bucket(name)).delete(key),
    apply: async (...documents: unknown[]) => {
      const reply = await connection.request("weft.intent.apply", JSON.stringify({ documents }), {
        timeout: 5000,
      });
      const answer = z.looseObject({ accepted: z.boolean() }).parse(reply.json());
      if (!answer.accepted) throw new Error(`refused: ${reply.string()}`);
    },
    delete: async (kind: string, name: string) =>
      connection.request("weft.intent.delete", JSON.stringify({ kind, tenant: "demo", name }), {
        timeout: 5000,
      }),
    node: (name: string) =>
      put("weft_nodes", name, {
        name,
        address: "192.0.2.1",
        chassis: name,
        runtimes: ["docker", "namespace"],
        capacity: { cpu: 2, memory: 4e9 },
        datapath: "netdev",
        ovsVersion: "3.1.0",
        incarnation: "1",
        startedAt: at,
      }),
    /** What an agent says when the instance runs. */
    realize: (key: string, { kind, name, node, uid, generation }: Placement) =>
      put("weft_realized", key, {
        kind,
        tenant: "demo",
        name,
        node,
        placementUid: uid,
        placementRevision: 1,
        generation,
        state: "running",
        restarts: 0,
      }),
    /** As they are now; grows and shrinks as the scheduler writes. */
    placements: placements as ReadonlyMap<string, Placement>,
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}
export type LabByHand = Awaited<ReturnType<typeof labByHand>>;

/** One watch for the whole test: each listing of a bucket by this client would leave a consumer behind on the server. */
async function watched(kv: KV): Promise<Map<string, Placement>> {
  const placements = new Map<string, Placement>();
  const watch = await kv.watch();
  void (async () => {
    for await (const entry of watch)
      if (entry.operation === "PUT") placements.set(entry.key, Placement.parse(entry.json()));
      else placements.delete(entry.key);
  })();
  return placements;
}

async function isPassing(consulUrl: string, name: string): Promise<boolean> {
  const answer = await fetch(`${consulUrl}/v1/health/service/${name}?passing=true`);
  return z.array(z.unknown()).parse(await answer.json()).length > 0;
}
