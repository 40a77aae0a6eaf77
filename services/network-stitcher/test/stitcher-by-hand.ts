/**
 * Two stitchers as processes of their own on real NATS, Consul and OVN; records of the other services are put by the test.
 * Placements come from the real scheduler's decisions, chassis are rows in the southbound database.
 */
import path from "node:path";
import type { Bus } from "@weft/bus";
import { connectBus } from "@weft/bus";
import { followedShims } from "@weft/decide";
import { listServices } from "@weft/consul";
import { createLogTo } from "@weft/runtime";
import type { HealthRecord } from "@weft/schemas";
import { isInstance, recordKey } from "@weft/schemas";
import { ServerProcess, startConsul, startNats, startOvnCentral } from "@weft/testkit";
import { interfacesOf } from "../../../libs/decide/src/stitch/topology.ts";
import { StitchWorld, now } from "../../../libs/decide/src/stitch/world.test-kit.ts";
import { FakeChassis } from "./fake-chassis.ts";

type Seen = Parameters<typeof followedShims>[0];

/** In the agents' place: every shim is there, and has followed the slots record at once. */
class ShimFollower {
  readonly #bus: Bus;
  readonly #look: () => Seen;
  readonly #written = new Map<string, string>();
  #line = Promise.resolve();

  constructor(bus: Bus, look: () => Seen) {
    this.#bus = bus;
    this.#look = look;
  }

  follow(): void {
    this.#line = this.#line.then(() => this.#put()).catch(() => undefined); // the bus is closing
  }

  async #put(): Promise<void> {
    for (const [key, { value }] of followedShims(this.#look(), () => true)) {
      const text = JSON.stringify(value);
      if (this.#written.get(key) === text) continue;
      this.#written.set(key, text);
      await this.#bus.put("shims", key, value);
    }
  }
}

export async function stitcherByHand() {
  await using building = new AsyncDisposableStack();
  const [nats, consul, central] = await Promise.all([startNats(), startConsul(), startOvnCentral()]);
  for (const server of [nats, consul, central]) building.use(server);
  const log = createLogTo("test", "silent", () => undefined);
  const bus = await connectBus({ url: nats.url, name: "test", log });
  building.defer(() => bus.close());
  const world = new StitchWorld();
  const chassis = building.use(
    await FakeChassis.start(
      central.southbound.unix,
      world.nodes.map((node) => `chassis-${node}`),
    ),
  );
  const stitcher = async () =>
    open.use(
      await ServerProcess.start({
        name: "network-stitcher",
        command: () => [
          "env",
          `WEFT_NATS_URL=${nats.url}`,
          `WEFT_CONSUL_URL=${consul.url}`,
          `WEFT_NORTHBOUND=${central.northbound.unix}`,
          `WEFT_SOUTHBOUND=${central.southbound.unix}`,
          process.execPath,
          path.resolve(import.meta.dirname, "../src/main.ts"),
        ],
        ready: async () => (await listServices(consul.url)).some(({ name }) => name === "network-stitcher"),
      }),
    );
  const written = new Map<string, string>();
  const views = { slots: await bus.view("slots"), stitched: await bus.view("stitched") };
  const agents = new ShimFollower(bus, () => ({
    placements: world.seen.placements,
    slots: views.slots.entries(),
  }));
  building.defer(views.slots.changed.subscribe(() => agents.follow()));
  const open = building.move();
  return {
    world,
    chassis,
    bus,
    views,
    consulUrl: consul.url,
    central,
    stitcher,
    /** Puts what changed in the world's intents and placements, and gives each chassis its ports. */
    sync: async () => {
      const present = new Set<string>();
      for (const name of ["intents", "placements"] as const)
        for (const [key, { value }] of world.seen[name]) {
          present.add(`${name} ${key}`);
          const text = JSON.stringify(value);
          if (written.get(`${name} ${key}`) === text) continue;
          written.set(`${name} ${key}`, text);
          await (name === "intents"
            ? bus.put("intents", key, JSON.parse(text))
            : bus.put("placements", key, JSON.parse(text)));
        }
      for (const place of written.keys())
        if (!present.has(place)) {
          written.delete(place);
          const [bucket, key = ""] = place.split(" ");
          await bus.remove(bucket === "intents" ? "intents" : "placements", key);
        }
      for (const [name, ports] of chassis.ports) {
        ports.clear();
        for (const { value } of world.seen.placements.values())
          if (isInstance(value) && `chassis-${value.node}` === name)
            for (const { port } of interfacesOf(value)) ports.add(port);
      }
      chassis.look();
      agents.follow();
    },
    verdict: async (name: string, state: "ready" | "failed") => {
      const key = recordKey("shard", "demo", name);
      const placement = world.seen.placements.get(key)?.value;
      if (placement?.kind !== "shard") throw new Error(`no shard ${name}`);
      const { tenant, group, node, uid: placementUid } = placement;
      const rest = { generation: 1, state, reason: "Test", message: "", since: now };
      const record: HealthRecord = { kind: "shard", tenant, name, group, node, placementUid, ...rest };
      await bus.put("health", key, record);
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}
