/**
 * The node's Open vSwitch over its own database: ports of br-int that carry this node's marks.
 * Reads a replica of Open_vSwitch, Bridge, Port and Interface; writes Port, Interface and br-int's list of ports.
 * Bridges and the node's settings are whoever set up the node's; flows are ovn-controller's.
 */
import { database, isUuid, OpenVswitch, OvsdbClient } from "@weft/ovsdb";
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
    Port: { columns: ["name", "external_ids"] },
  });
  const db = database(OpenVswitch);
  const installed = await installedVersion();
  const ownPorts = () =>
    replica
      .snapshot()
      .Port.filter(
        ({ external_ids: ids }) => ids[marks.node] === options.node && ids[marks.placement] !== undefined,
      );
  return {
    identity: () => identityFrom(replica.snapshot().Open_vSwitch[0], installed),
    ports: () => ownPorts().map(({ name, external_ids: ids }) => portFrom(name, ids)),
    changed: { subscribe: (listener) => replica.changed.subscribe(() => listener()) },
    async add(ports) {
      if (ports.length === 0) return;
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
        db.mutate("Bridge", [["name", "==", bridge]], [["ports", "delete", uuids]]),
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
