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
  /** The whole setting, of which the entries that are not Weft's are as they were seen. */
  setMappings(mappings: ReadonlyMap<string, string>): Promise<void>;
  close(): Promise<void>;
}

export async function openUplinkSwitch(o: {
  readonly remote: string;
  readonly node: string;
  readonly datapath: "system" | "netdev";
}): Promise<UplinkSwitch> {
  const client = await OvsdbClient.connect({ remote: o.remote });
  const replica = await client.monitor(OpenVswitch, {
    Open_vSwitch: { columns: ["external_ids"] },
    Bridge: { columns: ["name", "ports", "external_ids"] },
    Port: { columns: ["name", "interfaces"] },
    Interface: { columns: ["name", "link_state"] },
  });
  const changed = createEmitter();
  for (const signal of [replica.changed, client.connected]) signal.subscribe(() => changed.emit());
  const db = database(OpenVswitch);
  const settings = () => replica.table("Open_vSwitch").rows()[0];
  const isOwn = ({ external_ids: ids }: { readonly external_ids: Readonly<Record<string, string>> }) =>
    ids[marks.node] === o.node && ids[marks.uplink] !== undefined;
  return {
    changed,
    look() {
      const row = settings();
      if (!replica.live || row === undefined) return undefined;
      const downOf = new Map(
        replica
          .table("Interface")
          .rows()
          .map((each) => [each.name, each.link_state === "down"]),
      );
      const portNames = new Map(
        replica
          .table("Port")
          .rows()
          .map((each) => [each._uuid, each.name]),
      );
      const bridges = replica
        .table("Bridge")
        .rows()
        .map((bridge) => ({
          name: bridge.name,
          madeFor: isOwn(bridge) ? bridge.external_ids[marks.uplink] : undefined,
          ports: bridge.ports.flatMap((uuid) => {
            const name = portNames.get(uuid);
            return name === undefined ? [] : [{ name, down: downOf.get(name) === true }];
          }),
        }));
      return { bridges, mappings: readMappings(row.external_ids[mappingsKey]) };
    },
    async makeBridge(link) {
      const name = bridgeName(link);
      await client.transact(OpenVswitch, [
        db.insert("Interface", { name, type: "internal" }, "internal"),
        db.insert("Port", { name, interfaces: [{ named: "internal" }] }, "own"),
        db.insert("Interface", { name: link }, "link"),
        db.insert("Port", { name: link, interfaces: [{ named: "link" }] }, "uplink"),
        db.insert(
          "Bridge",
          {
            name,
            datapath_type: o.datapath,
            ports: [{ named: "own" }, { named: "uplink" }],
            flood_vlans: everyVlan,
            external_ids: { [marks.node]: o.node, [marks.uplink]: link },
          },
          "bridge",
        ),
        db.mutate("Open_vSwitch", [], [["bridges", "insert", [{ named: "bridge" }]]]),
      ]);
      await setUp(link);
    },
    async removeBridge(name) {
      const row = replica
        .table("Bridge")
        .rows()
        .find((bridge) => bridge.name === name && isOwn(bridge));
      if (row === undefined) return;
      await client.transact(OpenVswitch, [
        db.mutate("Open_vSwitch", [], [["bridges", "delete", [row._uuid]]]),
      ]);
    },
    async setMappings(mappings) {
      const row = settings();
      if (row === undefined) return;
      const text = [...mappings].map(([network, bridge]) => `${network}:${bridge}`).join(",");
      // Refused when somebody else wrote the settings meanwhile: the mappings are one text for everybody.
      const unchanged = db.wait("Open_vSwitch", [["external_ids", "==", row.external_ids]], {
        until: "!=",
        rows: [],
        columns: ["_uuid"],
      });
      await client.transact(OpenVswitch, [
        unchanged,
        db.mutate(
          "Open_vSwitch",
          [],
          [
            ["external_ids", "delete", [mappingsKey]],
            ...(text === "" ? [] : [["external_ids", "insert", { [mappingsKey]: text }] as const]),
          ],
        ),
      ]);
    },
    close: () => client.close(),
  };
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
