/**
 * Chassis without Open vSwitch: rows in a real southbound database, as ovn-controller would write them.
 * Binds the ports that it is told to have and follows nb_cfg, until it is told to hang.
 */
import { OvnSouthbound, OvsdbClient, database } from "@weft/ovsdb";

const sb = database(OvnSouthbound);

export class FakeChassis implements AsyncDisposable {
  /** Chassis by name, and the ports that each has. */
  readonly ports = new Map<string, Set<string>>();
  readonly frozen = new Set<string>();
  readonly #client: OvsdbClient;
  #busy: Promise<void> = Promise.resolve();
  #rows: Awaited<ReturnType<typeof follow>>;

  private constructor(client: OvsdbClient, rows: Awaited<ReturnType<typeof follow>>) {
    this.#client = client;
    this.#rows = rows;
    rows.changed.subscribe(() => this.look());
  }

  static async start(southbound: string, names: readonly string[]): Promise<FakeChassis> {
    const client = await OvsdbClient.connect({ remote: southbound });
    const chassis = new FakeChassis(client, await follow(client));
    for (const [index, name] of names.entries()) {
      chassis.ports.set(name, new Set());
      await client.transact(OvnSouthbound, [
        sb.insert("Encap", { type: "geneve", ip: `192.0.2.${index + 1}`, chassis_name: name }, "encap"),
        sb.insert("Chassis", { name, encaps: [{ named: "encap" }] }, "chassis"),
        sb.insert("Chassis_Private", { name, chassis: { named: "chassis" } }),
      ]);
    }
    return chassis;
  }

  /** One look after another; each writes only what differs. */
  look(): void {
    this.#busy = this.#busy.then(() => this.#apply()).catch(() => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#busy;
    await this.#client.close();
  }

  async #apply(): Promise<void> {
    const [global] = this.#rows.table("SB_Global").rows();
    const operations = [...this.ports].flatMap(([name, ports]) => {
      if (this.frozen.has(name)) return [];
      const uuid = this.#rows.table("Chassis").find({ name })[0]?._uuid;
      const bound = this.#rows
        .table("Port_Binding")
        .rows()
        .filter((row) => ports.has(row.logical_port) && (row.chassis !== uuid || row.up !== true))
        .map((row) => sb.update("Port_Binding", row._uuid, { chassis: uuid, up: true }));
      const late = this.#rows
        .table("Chassis_Private")
        .rows()
        .filter((row) => row.name === name && row.nb_cfg !== global?.nb_cfg)
        .map((row) => sb.update("Chassis_Private", row._uuid, { nb_cfg: global?.nb_cfg ?? 0 }));
      return [...bound, ...late];
    });
    if (operations.length > 0) await this.#client.transact(OvnSouthbound, operations);
  }
}

function follow(client: OvsdbClient) {
  return client.monitor(OvnSouthbound, {
    SB_Global: { columns: ["nb_cfg"] },
    Chassis: { columns: ["name"] },
    Chassis_Private: { columns: ["name", "nb_cfg"] },
    Port_Binding: { columns: ["logical_port", "chassis", "up"] },
  });
}
