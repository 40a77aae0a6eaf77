/**
 * The node's Open vSwitch over its own database: ports of br-int that carry this node's marks.
 * Reads a replica of Open_vSwitch, Bridge, Port and Interface; writes Port, Interface and br-int's list of ports.
 * Bridges and the node's settings are whoever set up the node's; flows are ovn-controller's.
 */
import { database, isUuid, OpenVswitch, OvsdbClient } from "@weft/ovsdb";
import type { Uuid } from "@weft/ovsdb";
import { runOnHost } from "@weft/drivers";
import { WeftError } from "@weft/schemas";
import type { Fabric, FabricIdentity, FabricPort } from "../ports.ts";

const bridge = "br-int";
/** Where ovn-controller reads which southbound database it follows. */
const southboundKey = "ovn-remote";
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
    Open_vSwitch: { columns: ["external_ids", "ovs_version"] },
    Bridge: { columns: ["name", "ports"] },
    Port: { columns: ["name", "interfaces", "external_ids"] },
    Interface: { columns: ["name", "external_ids", "ofport"] },
  });
  const db = database(OpenVswitch);
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
  return {
    identity: () => identityFrom(replica.snapshot().Open_vSwitch[0], installed),
    ports: () => {
      const sound = soundPorts();
      return ownPorts().map((port) => ({ ...portFrom(port.name, port.external_ids), sound: sound(port) }));
    },
    changed: { subscribe: (listener) => replica.changed.subscribe(() => listener()) },
    async add(ports) {
      if (ports.length === 0) return;
      // Ports that no bridge holds would vanish without a word.
      if (!replica.snapshot().Bridge.some(({ name }) => name === bridge))
        throw new WeftError("unavailable", `Open vSwitch has no bridge ${bridge}.`);
      const operations = ports.flatMap((port, index) => {
        const ids = {
          [marks.node]: options.node,
          [marks.placement]: port.placement,
          [marks.wiring]: port.wiring,
        };
        const wire = { named: `interface${index}` };
        return [
          db.insert(
            "Interface",
            { name: port.name, external_ids: { ...ids, [marks.ifaceId]: port.ifaceId } },
            `interface${index}`,
          ),
          db.insert(
            "Port",
            { name: port.name, interfaces: [wire], external_ids: { ...ids, [marks.ifaceId]: port.ifaceId } },
            `port${index}`,
          ),
        ];
      });
      const named = ports.map((_, index) => ({ named: `port${index}` }));
      await client.transact(OpenVswitch, [
        ...operations,
        db.mutate("Bridge", [["name", "==", bridge]], [["ports", "insert", named]]),
      ]);
    },
    async remove(names) {
      const wanted = new Set(names);
      const uuids = ownPorts().flatMap(({ name, _uuid }) =>
        wanted.has(name) && isUuid(_uuid) ? [_uuid] : [],
      );
      if (uuids.length === 0) return;
      // A port that no bridge holds is deleted by the database itself, and its interface with it.
      await client.transact(OpenVswitch, [
        db.mutate("Bridge", [], [["ports", "delete", uuids]]), // somebody may have moved them to another
      ]);
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
