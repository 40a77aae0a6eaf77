/**
 * Bridges for physical segments in the node's Open vSwitch, and which physical network is on which, for ovn-controller.
 * Reads Bridge, Port, Interface and the node's settings; writes bridges with Weft's mark and entries of ovn-bridge-mappings.
 * Which there should be is decided in libs/decide; patch ports between them and br-int are ovn-controller's.
 */
import { createHash } from "node:crypto";
import type { SeenBridge } from "@weft/decide";
import { runOnHost } from "@weft/drivers";
import { createEmitter } from "@weft/runtime";
import type { Signal } from "@weft/runtime";
import { database, OpenVswitch, OvsdbClient } from "@weft/ovsdb";
import type { Operation, ReplicaSnapshot, WatchedRows } from "@weft/ovsdb";
import { WeftError } from "@weft/schemas";

const mappingsKey = "ovn-bridge-mappings";
/**
 * A bridge that learns takes the router for a machine on the cable when another node was active before, and for five minutes
 * drops what comes for it (seen). Between a cable and a patch port there is nothing to learn.
 */
const everyVlan = Array.from({ length: 4096 }, (_, vlan) => vlan);
const marks = { node: "weft-node", uplink: "weft-uplink" } as const;

export interface UplinkSwitch {
  /** undefined while the database is not followed. */
  look():
    | { readonly bridges: readonly SeenBridge[]; readonly mappings: ReadonlyMap<string, string> }
    | undefined;
  readonly changed: Signal;
  /** One transaction; the interface is set up after it, as `ip link set … up` does. */
  makeBridge(link: string): Promise<void>;
  removeBridge(name: string): Promise<void>;
  /** Sets one entry of the mappings, or takes it away; those of others stay as they are by then. */
  mapNetwork(physicalNetwork: string, bridge: string | undefined): Promise<void>;
  close(): Promise<void>;
}

export interface SwitchOptions {
  readonly remote: string;
  readonly node: string;
  readonly datapath: "system" | "netdev";
}

const db = database(OpenVswitch);
const watched = {
  Open_vSwitch: { columns: ["external_ids"] },
  Bridge: { columns: ["name", "ports", "external_ids"] },
  Port: { columns: ["name", "interfaces"] },
  Interface: { columns: ["name", "link_state", "error"] },
} as const;
type Watched = ReplicaSnapshot<WatchedRows<OpenVswitch, typeof watched>>;
type Ids = Readonly<Record<string, string>>;

export async function openUplinkSwitch(o: SwitchOptions): Promise<UplinkSwitch> {
  const client = await OvsdbClient.connect({ remote: o.remote });
  const replica = await client.monitor(OpenVswitch, watched);
  const changed = createEmitter();
  for (const signal of [replica.changed, client.connected]) signal.subscribe(() => changed.emit());
  const settings = () => replica.table("Open_vSwitch").rows()[0];
  const isOwn = (ids: Ids) => ids[marks.node] === o.node && ids[marks.uplink] !== undefined;
  return {
    changed,
    look() {
      const row = settings();
      if (!replica.live || row === undefined) return undefined;
      const bridges = bridgesIn(replica.snapshot(), isOwn);
      return { bridges, mappings: readMappings(row.external_ids[mappingsKey]) };
    },
    async makeBridge(link) {
      await client.transact(OpenVswitch, bridgeOperations(link, o));
      await setUp(link);
    },
    async removeBridge(name) {
      const row = replica
        .table("Bridge")
        .rows()
        .find((bridge) => bridge.name === name && isOwn(bridge.external_ids));
      if (row === undefined) return;
      await client.transact(OpenVswitch, [
        db.mutate("Open_vSwitch", [], [["bridges", "delete", [row._uuid]]]),
      ]);
    },
    async mapNetwork(physicalNetwork, bridge) {
      const row = settings();
      if (row === undefined) return;
      const mappings = readMappings(row.external_ids[mappingsKey]);
      if (bridge === undefined) mappings.delete(physicalNetwork);
      else mappings.set(physicalNetwork, bridge);
      await client.transact(OpenVswitch, mappingOperations(row.external_ids, mappings));
    },
    close: () => client.close(),
  };
}

function bridgesIn({ Bridge, Port, Interface }: Watched, isOwn: (ids: Ids) => boolean): SeenBridge[] {
  const links = new Map(Interface.map((each) => [each.name, each]));
  const portNames = new Map(Port.map(({ _uuid, name }) => [_uuid, name]));
  return Bridge.map(({ name: bridge, ports, external_ids: ids }) => ({
    name: bridge,
    madeFor: isOwn(ids) ? ids[marks.uplink] : undefined,
    ports: ports.flatMap((uuid) => {
      const name = portNames.get(uuid);
      const link = links.get(name ?? "");
      if (name === undefined) return [];
      const error = link?.error === undefined ? {} : { error: link.error };
      return [{ name, down: link?.link_state === "down", ...error }];
    }),
  }));
}

function bridgeOperations(link: string, { node, datapath }: SwitchOptions): Operation[] {
  const name = bridgeName(link);
  return [
    db.insert("Interface", { name, type: "internal" }, "internal"),
    db.insert("Port", { name, interfaces: [{ named: "internal" }] }, "own"),
    db.insert("Interface", { name: link }, "link"),
    db.insert("Port", { name: link, interfaces: [{ named: "link" }] }, "uplink"),
    db.insert(
      "Bridge",
      {
        name,
        datapath_type: datapath,
        ports: [{ named: "own" }, { named: "uplink" }],
        flood_vlans: everyVlan,
        external_ids: { [marks.node]: node, [marks.uplink]: link },
      },
      "bridge",
    ),
    db.mutate("Open_vSwitch", [], [["bridges", "insert", [{ named: "bridge" }]]]),
  ];
}

/** Refused when somebody else wrote the settings meanwhile: the mappings are one text for everybody. */
function mappingOperations(seen: Ids, mappings: ReadonlyMap<string, string>): Operation[] {
  const text = [...mappings].map(([network, bridge]) => `${network}:${bridge}`).join(",");
  const unchanged = db.wait("Open_vSwitch", [["external_ids", "==", seen]], {
    until: "!=",
    rows: [],
    columns: ["_uuid"],
  });
  const written = text === "" ? [] : [["external_ids", "insert", { [mappingsKey]: text }] as const];
  return [unchanged, db.mutate("Open_vSwitch", [], [["external_ids", "delete", [mappingsKey]], ...written])];
}

/** At most 15 characters, and not to be mistaken for a link of a placement. */
function bridgeName(link: string): string {
  return `weft-up-${createHash("sha256").update(link).digest("hex").slice(0, 7)}`;
}

/** `physnet1:br-1,physnet2:br-2` (ovn-controller(8)). */
function readMappings(text = ""): Map<string, string> {
  const entries = text.split(",").filter((entry) => entry.includes(":"));
  return new Map(
    entries.map((entry) => [entry.slice(0, entry.indexOf(":")), entry.slice(entry.indexOf(":") + 1)]),
  );
}

async function setUp(link: string): Promise<void> {
  const { code, stderr } = await runOnHost({ argv: ["ip", "link", "set", "dev", link, "up"] });
  if (code !== 0)
    throw new WeftError("unavailable", `The interface ${link} cannot be set up: ${stderr.trim()}.`);
}
