/**
 * Keeps a datapath in user space true to its flows where Open vSwitch does not. Until 2.17.8, 3.0.5, 3.1.3 and 3.2.0 it changed a
 * megaflow's actions in whichever megaflow a packet of it met first ("dpif-netdev: Fix dpif_netdev_flow_put", 21410ff800): where two
 * overlap, one kept its old actions as long as packets came, and a slot's clients went on to a shard that had lost it (in 21 crashes
 * 25 of 1,000 connections broke). Reads br-int; tells ovs-vswitchd to drop its megaflows, which the next packets make anew.
 */
import { OpenVswitch, OvsdbClient } from "@weft/ovsdb";
import type { Clock, Log, Service } from "@weft/runtime";
import { backoffMs, pause } from "@weft/runtime";
import { tellDaemon } from "./unix-control.ts";

const bridge = "br-int";
/** Where ovn-controller says, once the switch has confirmed its flows, from which state of the northbound database they come. */
const inForceKey = "ovn-nb-cfg";
/** A dump of all megaflows takes up to half a second to begin. */
const answerWithinMs = 5_000;
const retry = { firstMs: 200, maxMs: 5_000 } as const;
/** The first mended release of each series that has one; from 3.2 on all are. */
const mendedIn: ReadonlyMap<string, number> = new Map([
  ["2.17", 8],
  ["3.0", 5],
  ["3.1", 3],
]);

/** Of Open vSwitch, as "3.1.0". What is not understood counts as one with the fault: the remedy does no harm. */
export function changesWrongMegaflows(version: string): boolean {
  const [, major = "0", minor = "0", patch = "0"] = /^(\d+)\.(\d+)\.(\d+)/.exec(version) ?? [];
  if (Number(major) > 3 || (major === "3" && Number(minor) >= 2)) return false;
  return Number(patch) < (mendedIn.get(`${major}.${minor}`) ?? Infinity);
}

export interface TrueMegaflowsOptions {
  /** The node's ovsdb-server. */
  readonly remote: string;
  /** Its ovs-vswitchd, as `ovs-appctl -t` takes it: a daemon's name or its control socket. */
  readonly control: string;
  readonly clock: Clock;
  readonly log: Pick<Log, "info" | "warn">;
}

/** At its start, for what happened before, and after each change of flows; again and again where the switch does not answer. */
export function keepMegaflowsTrue({ remote, control, clock, log }: TrueMegaflowsOptions): Service {
  const open = new AsyncDisposableStack();
  const ended = new AbortController();
  const drop = async () => {
    for (let failures = 1; !ended.signal.aborted; failures += 1) {
      try {
        return await tellDaemon(droppingMegaflows, { target: control, withinMs: answerWithinMs });
      } catch (err) {
        if (failures === 1)
          log.warn({ err }, "megaflows are not dropped, so some may be out of date: trying again");
        await pause(clock, backoffMs(failures, retry), ended.signal);
      }
    }
  };
  return {
    name: "true megaflows",
    async start() {
      const client = await OvsdbClient.connect({ remote });
      open.defer(() => client.close());
      const replica = await client.monitor(OpenVswitch, { Bridge: { columns: ["name", "external_ids"] } });
      const inForce = () =>
        replica.snapshot().Bridge.find(({ name }) => name === bridge)?.external_ids[inForceKey];
      const dropping = oneAtATime(drop);
      open.defer(() => dropping.ended());
      open.defer(() => ended.abort());
      let seen = inForce();
      const look = () => {
        const now = inForce();
        if (now !== seen) dropping.ask();
        seen = now;
      };
      open.defer(replica.changed.subscribe(look));
      log.info("this Open vSwitch mixes up megaflows: they are dropped whenever flows have changed");
      dropping.ask();
    },
    stop: () => open.disposeAsync(),
  };
}

/** Not before what is being revalidated is done: it holds on to what it looks at, and that would stay. */
const droppingMegaflows = ["revalidator/wait", "revalidator/purge"];

/** Asked for while it runs it runs once more: it may have begun too early for what it was asked for. */
function oneAtATime(work: () => Promise<void>): { ask(): void; ended(): Promise<void> } {
  let running: Promise<void> | undefined;
  let again = false;
  const run = async () => {
    while (again) {
      again = false;
      await work();
    }
    running = undefined;
  };
  return {
    ask() {
      again = true;
      running ??= run();
    },
    ended: async () => await running,
  };
}
