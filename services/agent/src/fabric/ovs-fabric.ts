/**
 * The node's Open vSwitch over its own database: ports of br-int that carry this node's marks.
 * Reads a replica of Open_vSwitch, Bridge, Port and Interface; writes Port, Interface and br-int's list of ports.
 * Bridges and the node's settings are whoever set up the node's; flows are ovn-controller's.
 */
import { database, isUuid, OpenVswitch, OvsdbClient } from "@weft/ovsdb";
import type { Condition, Operation, Uuid } from "@weft/ovsdb";
import { runOnHost } from "@weft/drivers";
import { WeftError } from "@weft/schemas";
import type { Fabric, FabricIdentity, FabricPort } from "../ports.ts";
import { followed } from "./followed.ts";

const bridge = "br-int";
const db = database(OpenVswitch);
/** Where ovn-controller reads which southbound database it follows. */
const southboundKey = "ovn-remote";
/**
 * Removing a port takes Open vSwitch about 13 ms (the kernel waits for readers of its packet socket), in which a datapath in
 * user space forwards nothing: 200 at once silenced a node for 2.7 s, long enough to be taken for lost.
 */
const removedAtOnce = 20;
export const marks = {
  node: "weft-node",
  placement: "weft-placement",
  wiring: "weft-wiring",
  ifaceId: "iface-id",
} as const;

export async function openFabric(options: {
  readonly remote: string;
  readonly node: string;
}): Promise<Fabric> {
  const client = await OvsdbClient.connect({ remote: options.remote });
  const replica = await client.monitor(OpenVswitch, {
    Open_vSwitch: { columns: ["external_ids", "ovs_version", "cur_cfg"] },
    Bridge: { columns: ["name", "ports"] },
    Port: { columns: ["name", "interfaces", "external_ids"] },
    Interface: { columns: ["name", "external_ids", "ofport"] },
  });
  const current = () => replica.snapshot().Open_vSwitch[0]?.cur_cfg ?? 0;
  const installed = await installedVersion();
  const soundPorts = () => {
    const { Bridge, Interface } = replica.snapshot();
    const inBridge = new Set(Bridge.filter(({ name }) => name === bridge).flatMap(({ ports }) => ports));
    const interfaces = new Map(Interface.map((row) => [row._uuid, row]));
    return (port: OwnPort) =>
      inBridge.has(port._uuid) &&
      port.interfaces.length === 1 &&
      port.interfaces.every((uuid) => isSound(port, interfaces.get(uuid)));
  };
  const ownPorts = () =>
    replica
      .snapshot()
      .Port.filter(
        ({ external_ids: ids }) => ids[marks.node] === options.node && ids[marks.placement] !== undefined,
      );
  const ownPort = (name: string): Condition<OpenVswitch["Port"]["row"]>[] => [
    ["name", "==", name],
    ["external_ids", "includes", { [marks.node]: options.node }],
  ];
  return {
    identity: () => identityFrom(replica.snapshot().Open_vSwitch[0], installed),
    ports: () => {
      const sound = soundPorts();
      return ownPorts().map((port) => ({ ...portFrom(port.name, port.external_ids), sound: sound(port) }));
    },
    changed: { subscribe: (listener) => replica.changed.subscribe(() => listener()) },
    add: async (ports) => {
      // Ports that no bridge holds would vanish without a word.
      if (!replica.snapshot().Bridge.some(({ name }) => name === bridge))
        throw new WeftError("unavailable", `Open vSwitch has no bridge ${bridge}.`);
      return eachPlacement(ports, (some) => client.transact(OpenVswitch, insertions(some, options.node)));
    },
    async confirm(ports) {
      if (ports.length === 0) return;
      await client.transact(
        OpenVswitch,
        ports.map(({ name, wiring }) =>
          db.mutate("Port", ownPort(name), [["external_ids", "insert", { [marks.wiring]: wiring }]]),
        ),
      );
    },
    async remove(names) {
      const wanted = new Set(names);
      const uuids = ownPorts().flatMap(({ name, _uuid }) =>
        wanted.has(name) && isUuid(_uuid) ? [_uuid] : [],
      );
      let follows = true;
      // Also where no row is left of them, as after a lost database: the switch may still have their links open.
      for (let from = 0; from < uuids.length || from === 0; from += removedAtOnce) {
        const some = uuids.slice(from, from + removedAtOnce);
        // A port that no bridge holds is deleted by the database itself, and its interface with it.
        const [, , counted] = await client.transact(OpenVswitch, [
          db.mutate("Bridge", [], [["ports", "delete", some]]), // somebody may have moved them to another
          db.mutate("Open_vSwitch", [], [["next_cfg", "+=", 1]]),
          db.select("Open_vSwitch", [], ["next_cfg"]),
        ]);
        // One that does not follow is not running: it will read the database when it is.
        follows &&= await followed(
          { current, changed: replica.changed },
          Number(counted?.rows?.[0]?.["next_cfg"]),
        );
      }
    },
    async leave() {
      await client.transact(OpenVswitch, [
        db.mutate("Open_vSwitch", [], [["external_ids", "delete", [southboundKey]]]),
      ]);
    },
    close: () => client.close(),
  };
}

type Ids = Readonly<Record<string, string>>;
interface OwnPort {
  readonly _uuid: Uuid;
  readonly name: string;
  readonly interfaces: readonly Uuid[];
  readonly external_ids: Ids;
}

/** ovn-controller binds by the interface's own iface-id; -1 is said where the switch could not open the link. */
function isSound(
  { name, external_ids: ids }: OwnPort,
  wire:
    | { readonly name: string; readonly external_ids: Ids; readonly ofport: number | undefined }
    | undefined,
): boolean {
  return wire?.name === name && wire.external_ids[marks.ifaceId] === ids[marks.ifaceId] && wire.ofport !== -1;
}

function insertions(ports: readonly FabricPort[], node: string): Operation[] {
  const rows = ports.flatMap(({ name, ifaceId, placement }, index) => {
    const ids = { [marks.node]: node, [marks.placement]: placement, [marks.ifaceId]: ifaceId };
    const wire = { named: `interface${index}` };
    return [
      db.insert("Interface", { name, external_ids: ids }, `interface${index}`),
      db.insert("Port", { name, interfaces: [wire], external_ids: ids }, `port${index}`),
    ];
  });
  const named = ports.map((_, index) => ({ named: `port${index}` }));
  return [...rows, db.mutate("Bridge", [["name", "==", bridge]], [["ports", "insert", named]])];
}

/**
 * All in one transaction; where that is refused, one for each placement, so that the one whose port cannot be (somebody else
 * has its name) takes none of the others with it. Returns who failed, and why.
 */
async function eachPlacement(
  ports: readonly FabricPort[],
  transact: (ports: readonly FabricPort[]) => Promise<unknown>,
): Promise<Map<string, unknown>> {
  if (ports.length === 0) return new Map();
  try {
    await transact(ports);
    return new Map();
  } catch (cause) {
    const groups = [...Map.groupBy(ports, ({ placement }) => placement)];
    if (groups.length === 1) return new Map(groups.map(([placement]) => [placement, cause]));
    const alone = await Promise.all(groups.map(([, some]) => eachPlacement(some, transact)));
    return new Map(alone.flatMap((failures) => [...failures]));
  }
}

function identityFrom(
  row:
    | { readonly external_ids: Readonly<Record<string, string>>; readonly ovs_version: string | undefined }
    | undefined,
  installed: string,
): FabricIdentity {
  const systemId = row?.external_ids["system-id"];
  if (systemId === undefined)
    throw new WeftError("unavailable", "Open vSwitch has no system-id: the node is not set up for OVN.");
  return { systemId, ovsVersion: row?.ovs_version ?? installed };
}

/** The database's own column is written by start scripts, where there are any. */
async function installedVersion(): Promise<string> {
  const { stdout } = await runOnHost({ argv: ["ovs-vswitchd", "--version"] });
  return /(\d+\.\d+\.\d+)/.exec(stdout)?.[1] ?? "unknown";
}

function portFrom(name: string, ids: Readonly<Record<string, string>>): FabricPort {
  return {
    name,
    ifaceId: ids[marks.ifaceId] ?? "",
    placement: ids[marks.placement] ?? "",
    wiring: ids[marks.wiring] ?? "",
  };
}
