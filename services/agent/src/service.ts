/**
 * agent: makes its node run what the placements say, and tells what became of them.
 * Reads placements and slots; writes containers, namespaces, links, ports of the switch, `realized` and its own `nodes` record.
 * It decides nothing (libs/decide, provision). Stopping it leaves everything running: traffic needs no agent.
 */
import { randomUUID } from "node:crypto";
import { decideProvision } from "@weft/decide";
import { serveLogs } from "@weft/bus";
import { registerService } from "@weft/consul";
import type { Ended } from "@weft/drivers";
import { composeServices, everyTick, reconcileLoop } from "@weft/runtime";
import type { Service } from "@weft/runtime";
import type { AgentConfig } from "./config.ts";
import { executeRound } from "./execute.ts";
import { createExecutors } from "./executors.ts";
import { Failures } from "./failures.ts";
import { changesWrongMegaflows, keepMegaflowsTrue } from "./fabric/true-megaflows.ts";
import { keepTunnelNeighbours } from "./fabric/tunnel-neighbours.ts";
import { startHeartbeat } from "./heartbeat.ts";
import { Drifts } from "./inside/drifts.ts";
import { InsideWatch } from "./inside/inside-watch.ts";
import { RulesInForce } from "./inside/rules-in-force.ts";
import { Inventory } from "./inventory.ts";
import { LinkSight } from "./link-sight.ts";
import { nodeRecordKept } from "./node-record.ts";
import { Observer } from "./observe.ts";
import type { AgentPorts } from "./ports.ts";
import { Probes } from "./probe/probes.ts";
import { createSampler } from "./sample/sampler.ts";
import { serveSessions } from "./session/session-server.ts";
import { Replication } from "./replica/replication.ts";
import { FirstShims } from "./shim/first-shims.ts";
import { GroupWorlds } from "./shim/group-worlds.ts";
import { ShimRules } from "./shim/shim-rules.ts";
import { keepShims } from "./shim/shims.ts";
import type { Shims, ShimsContext } from "./shim/shims.ts";
import { StoreGuard } from "./store-guard.ts";
import { StoreMemory } from "./store-memory.ts";
import { keepUplinks } from "./uplink/uplinks.ts";

const name = "agent";
const ttlSeconds = 15;
/** What no driver told of is found by looking this often. */
const lookEveryMs = 10_000;
/** Until every driver has answered once. */
const halfSightEveryMs = 1_000;
/** While nothing is waited for, a round only finds what nobody tells of. */
const quietResyncMs = 5_000;
const reporting: ReadonlySet<string> = new Set(["putRealized", "deleteRealized"]);
/** Steps that take a link or a process away, and what it counted with it. */
const endsCounting: ReadonlySet<string> = new Set(["unwire", "stopInstance", "remove"]);

export interface Agent extends Service {
  /** Something of a placement is still on this node. */
  holdsAnything(): boolean;
  /** Takes away all that carries this node's marks; not while it is started. */
  clear(): Promise<void>;
}

export function createAgent(config: AgentConfig, ports: AgentPorts): Agent {
  const { views, fabric, drivers, clock, log } = ports;
  const probes = new Probes(clock, config);
  const links = new LinkSight();
  const drifts = new Drifts();
  const inventory = new Inventory({ drivers, fabric, probes, drifts });
  const failures = new Failures(clock);
  const observer = new Observer({ node: config.node, views, inventory, failures });
  const placements = () => observer.placements();
  const checksumOffload = config.datapath === "system";
  const memory = new StoreMemory(config.stateDir);
  const replication = new Replication({ node: config.node, ports, inventory, settings: config });
  const firstShims = new FirstShims();
  const shims = shimsOf(config, { ports, inventory, memory, replication, firstShims });
  const inside = new InsideWatch({
    inventory,
    drifts,
    rules: new RulesInForce(config.stateDir),
    placements,
    checksumOffload,
    shimSeen: (uid, rules) => shims.seenInKernel(uid, rules),
    lookMs: config.lookMs,
    clock,
    log,
  });
  const stores = () => ({ placements: views.placements.store, access: views.access.store });
  const { lineage } = ports.bus;
  const guard = new StoreGuard({ memory, stores, lineage, log });
  const executors = createExecutors({
    ports,
    inventory,
    probes,
    inside,
    checksumOffload,
    placements,
    shims,
    firstShims,
  });
  const incarnation = randomUUID();
  const { node, stateDir } = config;
  const sampler = createSampler(
    {
      node,
      stateDir,
      inventory,
      probes,
      placements,
      sampled: (shards) => {
        for (const { placementUid, flows } of shards) shims.tracked(placementUid, flows);
      },
    },
    ports,
  );
  const loop = reconcileLoop({
    name,
    clock,
    log,
    wake: [
      lineage.changed,
      views.slots.changed,
      views.realized.changed,
      fabric.changed,
      inventory.changed,
      drifts.changed,
      links.changed,
    ],
    // What is placed together comes at once: there is nothing to gather, and a group's slowest shard waits for it.
    urgent: [views.placements.changed],
    resyncMs: () => (observer.awaitsTime() ? config.resyncMs : quietResyncMs),
    observe: () => {
      if (!inventory.knowsAll()) return undefined;
      const seen = observer.see();
      return guard.mayAct(seen) ? seen : undefined;
    },
    decide: (seen, now) => decideProvision(seen, Date.parse(now)),
    async execute(steps, seen) {
      if (steps.some(({ kind }) => endsCounting.has(kind))) sampler.take();
      const failed = await executeRound(steps, seen, { executors, failures, log });
      // A report changes nothing of what there is.
      if (steps.some(({ kind }) => !reporting.has(kind))) await inventory.refresh();
      return failed;
    },
  });
  const parts = composeServices(name, [
    watching(inventory, ports),
    // Before the node's record: health calls a node lost that it knows of and has not heard.
    beating({ node, incarnation, inventory, probes, links, placements }, ports, config.heartbeatMs),
    nodeRecordKept(config, { ports, guard, incarnation }),
    presence(config, ports),
    sampler,
    sessions(config.node, ports),
    ...(config.datapath === "netdev" ? userspaceDatapath(config, ports) : []),
    loop,
    shims,
    replication.service,
    lookingInside(inside, () => links.look()),
    keepUplinks(config.node, memory, ports),
  ]);
  const things = () => [...inventory.things([]).keys()];
  return {
    ...parts,
    holdsAnything: () => things().length > 0,
    clear: async () => {
      await inventory.refresh();
      const why = "this node takes part no more";
      const steps = things().map((uid) => ({ kind: "remove" as const, uid, why }));
      await executors.remove(steps, (uid, err) => log.warn({ placement: uid, err }, "it stays"));
    },
  };
}

/** Packet steering in front of the node's shards; loaded by their wiring, followed by loops of its own. */
function shimsOf(
  config: AgentConfig,
  o: Pick<ShimsContext, "ports" | "inventory" | "memory" | "replication" | "firstShims">,
): Shims {
  const worlds = new GroupWorlds(o.ports.views);
  const rules = new ShimRules(config);
  return keepShims({ ...o, node: config.node, worlds, rules, limit: config.shimFlows });
}

/** What a datapath in user space needs of its node. */
function userspaceDatapath({ node, ovsdb: remote, vswitchd: control }: AgentConfig, ports: AgentPorts) {
  const { views, fabric, clock, log } = ports;
  const mixesUp = changesWrongMegaflows(fabric.identity().ovsVersion);
  return [
    keepTunnelNeighbours(node, views.nodes, ports),
    ...(mixesUp ? [keepMegaflowsTrue({ remote, control, clock, log })] : []),
  ];
}

/** The node's place in Consul, and its log on the bus. */
function presence(config: AgentConfig, { bus, log, metricsAt }: AgentPorts): Service {
  const open = new AsyncDisposableStack();
  return {
    name: "presence",
    async start() {
      const registration = await registerService({
        url: config.consulUrl,
        name,
        id: `${name}-${config.node}`,
        address: config.nodeAddress,
        meta: { node: config.node },
        metricsAt,
        ttlSeconds,
        log,
      });
      open.defer(() => registration.close());
      open.use(serveLogs(bus, name, log, `${name}-${config.node}`));
    },
    stop: () => open.disposeAsync(),
  };
}

/** The first look, and another one whenever a driver says that something started or ended. */
function watching(inventory: Inventory, { drivers, views, log }: AgentPorts): Service {
  const open = new DisposableStack();
  const look = () => {
    inventory.refresh().catch((err: unknown) => log.warn({ err }, "a driver does not answer"));
  };
  return {
    name: "watching",
    async start() {
      inventory.adopt([...views.realized.entries()].map(([, { value }]) => value));
      // Without one of its drivers a node is there all the same, with what it knows: one that is not heard is called lost.
      await inventory.refresh().catch((err: unknown) => log.error({ err }, "a driver does not answer yet"));
      const happened = (ended?: Ended) => {
        if (ended !== undefined) inventory.ended(ended);
        look();
      };
      for (const driver of drivers.values()) open.use(driver.watch(happened));
      open.use(everyTick(lookEveryMs, look));
      open.use(everyTick(halfSightEveryMs, () => inventory.knowsAll() || look()));
    },
    stop: () => Promise.resolve(open.dispose()),
  };
}

function lookingInside(inside: InsideWatch, ownChanged: () => void): Service {
  const open = new DisposableStack();
  return {
    name: "looking inside",
    start: () => Promise.resolve(void open.use(inside.start(ownChanged))),
    stop: () => Promise.resolve(open.dispose()),
  };
}

function beating(source: Parameters<typeof startHeartbeat>[0], ports: AgentPorts, everyMs: number): Service {
  const open = new DisposableStack();
  return {
    name: "heartbeat",
    start: () => Promise.resolve(void open.use(startHeartbeat(source, ports, everyMs))),
    async stop() {
      open.dispose();
      source.probes[Symbol.dispose]();
    },
  };
}

function sessions(node: string, ports: AgentPorts): Service {
  const open = new DisposableStack();
  return {
    name: "sessions",
    async start() {
      const server = serveSessions(node, ports);
      open.defer(() => server.close());
    },
    stop: () => Promise.resolve(open.dispose()),
  };
}
