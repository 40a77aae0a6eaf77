/**
 * OVN's two databases: replicas to look at, and the one transaction of a round.
 * Reads both, writes the northbound one (and takes removed chassis out of the southbound one); a lost reply is never resent: the next round sees in the replica what came of it.
 * Rows are shaped by libs/ovn, what to change is decided in libs/decide.
 */
import {
  claim,
  countUp,
  epochOf,
  fence,
  northboundWatch,
  readBindings,
  readNetwork,
  readProgress,
  rememberStore,
  removeChassis,
  southboundWatch,
  storeOf,
  toOperations,
} from "@weft/ovn";
import type { GlobalRow } from "@weft/ovn";
import type { Operation } from "@weft/ovsdb";
import { OvnNorthbound, OvnSouthbound, OvsdbClient, OvsdbError } from "@weft/ovsdb";
import { createEmitter } from "@weft/runtime";
import { WeftError } from "@weft/schemas";
import type { OvnDatabases } from "./ports.ts";

const connectTimeoutMs = 30_000;

export async function openOvnDatabases(o: {
  readonly northbound: string;
  readonly southbound: string;
}): Promise<OvnDatabases> {
  const open = new AsyncDisposableStack();
  try {
    const north = open.use(await OvsdbClient.connect({ remote: o.northbound, connectTimeoutMs }));
    const south = open.use(await OvsdbClient.connect({ remote: o.southbound, connectTimeoutMs }));
    const nb = await north.monitor(OvnNorthbound, northboundWatch);
    const sb = await south.monitor(OvnSouthbound, southboundWatch);
    const changed = createEmitter();
    for (const signal of [nb.changed, sb.changed, north.connected, south.connected])
      open.defer(signal.subscribe(() => changed.emit()));
    const globalRow = (): GlobalRow | undefined => nb.table("NB_Global").rows()[0];
    const transact = async (operations: readonly Operation[]): Promise<void> => {
      await north.transact(OvnNorthbound, operations).catch((error: unknown) => {
        throw fenced(error);
      });
    };
    return {
      changed,
      look: () => {
        const global = globalRow();
        if (!nb.live || !sb.live || global === undefined) return undefined;
        const rows = sb.snapshot();
        return {
          network: readNetwork(nb.snapshot()),
          progress: readProgress(global, rows),
          bindings: readBindings(rows),
          epoch: epochOf(global),
          store: storeOf(global),
        };
      },
      claim: async (epoch) => {
        const global = globalRow();
        if (global !== undefined) await transact(claim(global, epoch));
      },
      rememberStore: (store, epoch) => transact([fence(epoch), rememberStore(store)]),
      commit: (steps, epoch) => transact([fence(epoch), ...toOperations(steps), countUp()]),
      chassis: () => {
        if (!sb.live) return undefined;
        const { Chassis, Chassis_Private } = sb.snapshot();
        return new Set([...Chassis, ...Chassis_Private].map(({ name }) => name));
      },
      removeChassis: async (name) => {
        await south.transact(OvnSouthbound, removeChassis(name));
      },
      close: () => open.disposeAsync(),
    };
  } catch (error) {
    await open.disposeAsync();
    throw error;
  }
}

/** Every transaction opens with a `wait` that is checked once: its failure means that somebody else wrote. */
function fenced(error: unknown): unknown {
  return error instanceof OvsdbError && error.code === "timed out"
    ? new WeftError("conflict", "The northbound database was taken over meanwhile.", { cause: error })
    : error;
}
