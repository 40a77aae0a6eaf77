/**
 * OVN as a model: northbound rows that steps change in one transaction, counters that follow, and what each state of the rows
 * means for a chassis. Reads the stitcher's steps; policies are the real ones, so slots go where their masks say.
 */
import type { ActualNetwork, NetworkStep, RouterPolicy } from "@weft/decide";
import { slotCount } from "@weft/schemas";

/** To which address each slot is sent, on the way to the servers and back; null: nowhere. */
export interface Policies {
  readonly toServer: readonly (string | null)[];
  readonly toClient: readonly (string | null)[];
}

const nowhere: Policies = {
  toServer: Array.from({ length: slotCount }, () => null),
  toClient: Array.from({ length: slotCount }, () => null),
};

type Row = { readonly id: string };
const tables = {
  Switch: "switches",
  SwitchPort: "switchPorts",
  Router: "routers",
  RouterPort: "routerPorts",
  Policy: "policies",
} as const;
type Table = (typeof tables)[keyof typeof tables];

export class Northbound {
  /** Of the leader that claimed it last: transactions of earlier ones are refused. */
  epoch = 1;
  /** Counts transactions, as nb_cfg does. */
  wanted = 0;
  /** As far as northd is. */
  compiled = 0;
  readonly #rows: Record<Table, Map<string, Row>> = {
    switches: new Map(),
    switchPorts: new Map(),
    routers: new Map(),
    routerPorts: new Map(),
    policies: new Map(),
  };
  readonly #meaning: Policies[] = [nowhere];
  #snapshot: ActualNetwork | undefined;
  #serial = 0;

  commit(steps: readonly NetworkStep[], epoch: number): boolean {
    if (epoch !== this.epoch) return false;
    for (const step of steps) this.#carryOut(step);
    this.#snapshot = undefined;
    this.wanted += 1;
    this.#meaning.push(meaningOf(this.network.policies));
    return true;
  }

  get network(): ActualNetwork {
    const rows = (table: Table) => [...this.#rows[table].values()];
    this.#snapshot ??= {
      switches: rows("switches"),
      switchPorts: rows("switchPorts"),
      routers: rows("routers"),
      routerPorts: rows("routerPorts"),
      policies: rows("policies"),
    } as unknown as ActualNetwork;
    return this.#snapshot;
  }

  policiesAt(transaction: number): Policies {
    return this.#meaning[transaction] ?? nowhere;
  }

  #carryOut(step: NetworkStep): void {
    const [, verb = "", what = ""] = /^(create|change|delete)(.+)$/.exec(step.kind) ?? [];
    const rows = this.#rows[tables[what as keyof typeof tables]];
    this.#serial += 1;
    const id = "id" in step ? step.id : `row-${this.#serial}`;
    if (verb !== "create" && !rows.has(id)) throw new Error(`${step.kind}: there is no such row`);
    if ("row" in step) rows.set(id, { ...step.row, id });
    else rows.delete(id);
  }
}

function meaningOf(policies: readonly RouterPolicy[]): Policies {
  const sent = { toServer: [...nowhere.toServer], toClient: [...nowhere.toClient] };
  for (const { key, action, nexthops } of policies) {
    const [, way, value, mask] =
      /^chain\/[^/]+\/[^/]+\/0\/(\w+)\/ip4\/address\/(\d+)\/(\d+)$/.exec(key) ?? [];
    if (action !== "reroute" || (way !== "toServer" && way !== "toClient")) continue;
    for (let slot = 0; slot < slotCount; slot += 1)
      if ((slot & Number(mask)) === Number(value)) sent[way][slot] = nexthops[0] ?? null;
  }
  return sent;
}
