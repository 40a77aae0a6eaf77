/**
 * OVN's two databases: replicas to look at, and the one transaction of a round.
 * Reads both, writes the northbound one, and takes removed chassis out of the southbound one. A lost reply is never resent: the next
 * round sees in the replica what came of it. Whoever leads claims both first: each has the epoch that its transactions open with.
 * Rows are shaped by libs/ovn, what to change is decided in libs/decide.
 */
import {
  claim,
  claimSouthbound,
  countUp,
  epochOf,
  fence,
  fenceSouthbound,
  northboundWatch,
  readBindings,
  readForeignPorts,
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

interface Remotes {
  readonly northbound: string;
  readonly southbound: string;
}

export async function openOvnDatabases(o: Remotes): Promise<OvnDatabases> {
  await using opening = new AsyncDisposableStack();
  const { north, south, nb, sb } = await follow(o, opening);
  const changed = createEmitter();
  for (const signal of [nb.changed, sb.changed, north.connected, south.connected])
    opening.defer(signal.subscribe(() => changed.emit()));
  const globalRow = (): GlobalRow | undefined => nb.table("NB_Global").rows()[0];
  const southboundRow = () => sb.table("SB_Global").rows()[0];
  const transact = (operations: readonly Operation[]) =>
    north.transact(OvnNorthbound, operations).then(noAnswer, fencedNorthbound);
  const transactSouthbound = (operations: readonly Operation[]) =>
    south.transact(OvnSouthbound, operations).then(noAnswer, fencedSouthbound);
  const open = opening.move();
  return {
    changed,
    look: () => {
      const [global, southboundGlobal] = [globalRow(), southboundRow()];
      if (!nb.live || !sb.live || global === undefined || southboundGlobal === undefined) return undefined;
      const [northRows, rows] = [nb.snapshot(), sb.snapshot()];
      return {
        network: readNetwork(northRows),
        foreignPorts: readForeignPorts(northRows),
        progress: readProgress(global, rows),
        bindings: readBindings(rows),
        epochs: [epochOf(global), epochOf(southboundGlobal)],
        store: storeOf(global),
      };
    },
    claim: async (epoch) => {
      const [global, southboundGlobal] = [globalRow(), southboundRow()];
      if (global !== undefined && epochOf(global) < epoch) await transact(claim(global, epoch));
      if (southboundGlobal !== undefined && epochOf(southboundGlobal) < epoch)
        await transactSouthbound(claimSouthbound(southboundGlobal, epoch));
    },
    rememberStore: (store, epoch) => transact([fence(epoch), rememberStore(store)]),
    commit: (steps, epoch) => transact([fence(epoch), ...toOperations(steps), countUp()]),
    chassis: (epoch) => {
      const claimed = [globalRow(), southboundRow()].every(
        (row) => row !== undefined && epochOf(row) === epoch,
      );
      if (!nb.live || !sb.live || !claimed) return undefined;
      const { Chassis, Chassis_Private } = sb.snapshot();
      return new Set([...Chassis, ...Chassis_Private].map(({ name }) => name));
    },
    removeChassis: (name, epoch) => transactSouthbound([fenceSouthbound(epoch), ...removeChassis(name)]),
    close: () => open.disposeAsync(),
  };
}

async function follow(o: Remotes, open: AsyncDisposableStack) {
  const north = open.use(await OvsdbClient.connect({ remote: o.northbound, connectTimeoutMs }));
  const south = open.use(await OvsdbClient.connect({ remote: o.southbound, connectTimeoutMs }));
  const nb = await north.monitor(OvnNorthbound, northboundWatch);
  const sb = await south.monitor(OvnSouthbound, southboundWatch);
  return { north, south, nb, sb };
}

const noAnswer = () => undefined;
const fencedNorthbound = fenced("northbound");
const fencedSouthbound = fenced("southbound");

/** Every transaction opens with a `wait` that is checked once: its failure means that somebody else wrote. */
function fenced(which: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof OvsdbError) || error.code !== "timed out") throw error;
    throw new WeftError("conflict", `The ${which} database was taken over meanwhile.`, { cause: error });
  };
}
