/**
 * The real intent service, scheduler and stitcher on real NATS, Consul and OVN; nodes are simulated: chassis are rows in the southbound
 * database, and what agents and health would say of a placement is said as soon as it is there.
 */
import path from "node:path";
import { connectBus } from "@weft/bus";
import type { Bus, View } from "@weft/bus";
import { listServices } from "@weft/consul";
import { createLog } from "@weft/runtime";
import { IntentReply, applySubject, isInstance } from "@weft/schemas";
import type { HealthRecord, PlacementRecord, RealizedRecord, Records } from "@weft/schemas";
import { ServerProcess, startConsul, startNats, startOvnCentral } from "@weft/testkit";
import { interfacesOf } from "../../../libs/decide/src/stitch/topology.ts";
import { FakeChassis } from "../../../services/network-stitcher/test/fake-chassis.ts";
import { portOf } from "./connection-bytes.ts";

const services = path.resolve(import.meta.dirname, "../../../services");
const at = "2030-01-01T00:00:00.000Z";
const withinMs = 240_000;
export const nodes = 10;

export interface SimulatedLab extends AsyncDisposable {
  readonly slots: View<Records["slots"]>;
  readonly stitched: View<Records["stitched"]>;
  readonly placements: View<PlacementRecord>;
  readonly busPort: number;
  /** Of the databases, as the stitcher speaks to them. */
  readonly ovsdbPorts: readonly number[];
  apply(documents: readonly object[]): Promise<void>;
  /** Resolves as soon as a change of a record makes it true. */
  until(what: string, holds: () => boolean): Promise<void>;
}

export async function startSimulatedLab(): Promise<SimulatedLab> {
  await using building = new AsyncDisposableStack();
  const [nats, consul, central] = await Promise.all([startNats(), startConsul(), startOvnCentral()]);
  for (const server of [nats, consul, central]) building.use(server);
  const bus = building.adopt(
    await connectBus({ url: nats.url, name: "bench", log: createLog("bench", "silent") }),
    (open) => open.close(),
  );
  const names = Array.from({ length: nodes }, (_, index) => `node-${index + 1}`);
  const chassis = building.use(await FakeChassis.start(central.southbound.unix, names));
  for (const [index, name] of names.entries()) await bus.put("nodes", name, nodeRecord(name, index));
  const { northbound, southbound } = central;
  const settings = [`WEFT_NATS_URL=${nats.url}`, `WEFT_CONSUL_URL=${consul.url}`, "WEFT_LOG_LEVEL=warn"];
  const stitcher = [`WEFT_NORTHBOUND=${northbound.tcp}`, `WEFT_SOUTHBOUND=${southbound.tcp}`];
  for (const name of ["intent", "scheduler", "network-stitcher"])
    building.use(
      await ServerProcess.start({
        name,
        command: () => [
          "env",
          ...settings,
          ...(name === "network-stitcher" ? stitcher : []),
          process.execPath,
          path.join(services, name, "src/main.ts"),
        ],
        ready: async () =>
          (await listServices(consul.url, { name })).some(({ state }) => state === "passing"),
      }),
    );
  const views = {
    placements: await bus.view("placements"),
    slots: await bus.view("slots"),
    stitched: await bus.view("stitched"),
  };
  building.use(agentsOf(bus, views.placements, chassis));
  const open = building.move();
  return {
    ...views,
    busPort: portOf(nats.url),
    ovsdbPorts: [portOf(northbound.tcp), portOf(southbound.tcp)],
    apply: (documents) => apply(bus, documents),
    until: (what, holds) => until(what, holds, Object.values(views)),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

async function apply(bus: Bus, documents: readonly object[]): Promise<void> {
  const answer = await bus.request(applySubject, { documents }, { timeoutMs: withinMs });
  const reply = IntentReply.parse(answer);
  if (!reply.accepted) throw new Error(`refused: ${JSON.stringify(reply)}`);
}

function until(
  what: string,
  holds: () => boolean,
  views: readonly Pick<View<unknown>, "changed">[],
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const late = setTimeout(() => reject(new Error(`${what}: not within ${withinMs} ms`)), withinMs);
  const look = () => {
    if (holds()) resolve();
  };
  const subscriptions = views.map(({ changed }) => changed.subscribe(look));
  look();
  return promise.finally(() => {
    clearTimeout(late);
    for (const end of subscriptions) end();
  });
}

/** Each placement is realized, and each shard ready, as soon as it is there. */
function agentsOf(bus: Bus, placements: View<PlacementRecord>, chassis: FakeChassis): Disposable {
  const told = new Set<string>();
  let busy = Promise.resolve();
  const tell = async () => {
    const fresh = [...placements.entries()].flatMap(([key, { value, revision }]) =>
      isInstance(value) && !told.has(value.uid) ? [{ key, value, revision }] : [],
    );
    if (fresh.length === 0) return;
    for (const { value } of fresh) {
      told.add(value.uid);
      for (const { port } of interfacesOf(value)) chassis.ports.get(value.node)?.add(port);
    }
    chassis.look();
    await bus.writeEach(
      "realized",
      fresh.map(({ key, value, revision }) => ({ key, value: realizedOf(value, revision), ifRevision: 0 })),
    );
    const verdicts = fresh.flatMap(({ key, value }) => {
      const record = verdictOn(value);
      return record === undefined ? [] : [{ key, value: record, ifRevision: 0 }];
    });
    if (verdicts.length > 0) await bus.writeEach("health", verdicts);
  };
  const look = () => {
    busy = busy.then(tell);
  };
  const unsubscribe = placements.changed.subscribe(look);
  look();
  return { [Symbol.dispose]: unsubscribe };
}

function realizedOf(
  { kind, tenant, name, node, uid, generation }: Extract<PlacementRecord, { uid: string; node: string }>,
  placementRevision: number,
): RealizedRecord {
  const told = { kind, tenant, name, node, placementUid: uid, placementRevision, generation };
  return { ...told, state: "running", restarts: 0 };
}

function verdictOn(value: PlacementRecord): HealthRecord | undefined {
  if (value.kind !== "shard") return undefined;
  const { tenant, name, group, node, uid: placementUid, generation } = value;
  const said = { state: "ready", reason: "ProbePassed", message: "It is ready.", since: at } as const;
  return { kind: "shard", tenant, name, group, node, placementUid, generation, ...said };
}

function nodeRecord(name: string, index: number): Records["nodes"] {
  return {
    name,
    address: `192.0.2.${index + 1}`,
    chassis: name,
    runtimes: ["docker", "namespace"],
    capacity: { cpu: 1_000, memory: 2 ** 40 },
    datapath: "netdev",
    ovsVersion: "3.1.0",
    incarnation: "1",
    startedAt: at,
  };
}
