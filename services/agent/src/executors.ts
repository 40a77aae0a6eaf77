/**
 * How each kind of step is carried out, all steps of a kind together. A step that fails concerns its placement alone:
 * it is noted and the rest of that placement's round is left out.
 * The map names every kind, so a step without an executor does not compile.
 */
import type { ProvisionStep, SeenPlacement } from "@weft/decide";
import type { Driver, Identity, Outcomes } from "@weft/drivers";
import { functionOf } from "@weft/functions";
import { WeftError } from "@weft/schemas";
import type { InstancePlacement, Runtime } from "@weft/schemas";
import type { Inventory } from "./inventory.ts";
import { mendWiring } from "./inside/mend.ts";
import { loadConfig } from "./load-config.ts";
import type { AgentPorts } from "./ports.ts";
import type { Probes } from "./probe/probes.ts";
import { linkNames, probeNamespaces } from "./wiring/names.ts";
import { contextOf, wirePlacements } from "./wire-placements.ts";
import type { WireContext } from "./wire-placements.ts";
import { unwireAll } from "./wiring/wire.ts";

type Kind = ProvisionStep["kind"];
type StepOf<K extends Kind> = Extract<ProvisionStep, { readonly kind: K }>;
export type Fail = (uid: string, cause: unknown) => void;
export type Executors = { readonly [K in Kind]: (steps: readonly StepOf<K>[], fail: Fail) => Promise<void> };

export interface ExecutorContext extends WireContext {
  readonly probes: Probes;
  /** Placements of this node as they are now, for what only a uid is known of. */
  readonly placements: () => readonly SeenPlacement[];
}

export function createExecutors(context: ExecutorContext): Executors {
  const { ports, inventory, probes } = context;
  const { drivers } = ports;
  return {
    putRealized: (steps, fail) => report(steps, ports, fail),
    deleteRealized: (steps, fail) => report(steps, ports, fail),
    stopProbe: async (steps) => steps.forEach(({ uid }) => probes.stop(uid)),
    remove: (steps, fail) =>
      removeAll(
        steps.map(({ uid }) => uid),
        context,
        fail,
      ),
    stopInstance: (steps, fail) =>
      each(steps, fail, async ({ uid }) => {
        for (const driver of drivers.values()) await driver.removeInstance(uid);
      }),
    unwire: (steps) =>
      unwire(
        steps.map(({ uid }) => uid),
        context,
      ),
    createHolder: (steps, fail) =>
      createHolders(
        steps.map(({ target }) => target),
        context,
        fail,
      ),
    wire: (steps, fail) => wirePlacements(steps, context, fail),
    mendWiring: (steps, fail) => each(steps, fail, (step) => mend(step, context)),
    startInstance: (steps, fail) =>
      each(steps, fail, ({ target }) =>
        driverOf(target.placement, drivers).startInstance(instanceSpec(target)),
      ),
    loadConfig: (steps, fail) =>
      each(steps, fail, async ({ uid, target: { placement, wanted } }) => {
        if (placement.kind !== "shard") return;
        const opened = inventory.liveConfig(uid) !== undefined;
        using _ = context.inside.loading(uid);
        const lines = await loadConfig(placement, {
          namespacePath: namespacePathOf(uid, inventory),
          opened,
        });
        const { generation } = placement;
        context.inside.loaded(uid, lines);
        inventory.loaded(uid, { hash: wanted.config ?? "", generation, loadedAt: ports.clock.iso() });
        // The tenant's networks are part of what was loaded: they may have another family now.
        probes.follow(placement);
      }),
    startProbe: (steps, fail) =>
      each(steps, fail, async ({ target: { placement } }) => {
        if (placement.kind === "shard") probes.start(placement);
      }),
  };
}

/** All in one batch: a record that somebody wrote meanwhile concerns its placement alone. */
async function report(
  steps: readonly StepOf<"putRealized" | "deleteRealized">[],
  { bus, views }: AgentPorts,
  fail: Fail,
): Promise<void> {
  const writes = steps.flatMap(({ key, ...step }) => {
    const revision = views.realized.get(key)?.revision;
    if (step.kind === "deleteRealized" && revision === undefined) return [];
    const value = step.kind === "putRealized" ? step.record : null;
    return [{ key, value, ifRevision: revision ?? 0 }];
  });
  const refused = await bus.writeEach("realized", writes);
  for (const { key, uid } of steps)
    if (refused.has(key)) fail(uid, new WeftError("conflict", `realized/${key}: changed meanwhile.`));
}

async function each<S extends ProvisionStep>(
  steps: readonly S[],
  fail: Fail,
  run: (step: S) => Promise<void>,
): Promise<void> {
  await Promise.all(
    steps.map(async (step) => {
      try {
        await run(step);
      } catch (cause) {
        fail(step.uid, cause);
      }
    }),
  );
}

/** Their instances are made beside them, as far as that goes without a holder. */
async function createHolders(
  targets: readonly SeenPlacement[],
  { ports, inventory, firstShims }: ExecutorContext,
  fail: Fail,
): Promise<void> {
  const byRuntime = Map.groupBy(targets, ({ placement }) => placement.runtime);
  await Promise.all(
    [...byRuntime].map(async ([runtime, some]) => {
      const driver = ports.drivers.get(runtime);
      if (driver === undefined)
        return some.forEach(({ placement }) => fail(placement.uid, noRuntime(runtime)));
      const identities = some.map(({ placement }) => identityOf(placement));
      const [made] = await Promise.all([
        driver.ensureHolders(identities),
        driver.prepareInstances(some.map(instanceSpec)),
      ]);
      failures(made, fail);
      for (const identity of identities) {
        const ensured = made.get(identity.placement);
        if (ensured === undefined || ensured instanceof Error) continue;
        const { holder, isNew } = ensured;
        inventory.made(identity, holder);
        if (isNew && holder.namespaceInode !== undefined)
          firstShims.made(identity.placement, holder.namespaceInode);
      }
    }),
  );
}

/** Looks again afterwards: what cannot be set again is a failure, to be tried later. */
async function mend(
  { uid, target: { placement } }: StepOf<"mendWiring">,
  context: ExecutorContext,
): Promise<void> {
  await mendWiring(placement, contextOf(uid, placement, context, true));
  await context.inside.look([uid]);
  const still = context.inside.drift(uid);
  if (still !== undefined) throw new WeftError("unavailable", `It cannot be mended: ${still}.`);
}

async function unwire(uids: readonly string[], { ports, placements }: ExecutorContext): Promise<void> {
  const wanted = new Set(uids);
  const known = placements().filter(({ placement }) => wanted.has(placement.uid));
  await unwireAll(
    {
      ports: ports.fabric.ports().flatMap(({ name, placement }) => (wanted.has(placement) ? [name] : [])),
      links: known.flatMap(({ placement }) => linkNames(placement)),
      namespaces: uids.flatMap((uid) => Object.values(probeNamespaces(uid))),
    },
    ports.fabric,
  );
}

/** Links and ports first: nothing may reach what is being taken down. */
async function removeAll(uids: readonly string[], context: ExecutorContext, fail: Fail): Promise<void> {
  await unwire(uids, context);
  for (const driver of context.ports.drivers.values()) failures(await driver.remove(uids), fail);
  for (const uid of uids) {
    context.inventory.forget(uid);
    context.inside.gone(uid);
    context.firstShims.forget(uid);
  }
}

function failures(outcomes: Outcomes<unknown>, fail: Fail): void {
  for (const [uid, outcome] of outcomes) if (outcome instanceof Error) fail(uid, outcome);
}

function instanceSpec({ placement, wanted }: SeenPlacement) {
  const { cpu, memory } = placement.resources;
  const limits = { ...(cpu === undefined ? {} : { cpu }), ...(memory === undefined ? {} : { memory }) };
  const base = { identity: identityOf(placement), spec: wanted.spec, limits };
  if (placement.kind === "workload") {
    const { image, command } = placement;
    return {
      ...base,
      capabilities: [],
      ...(image === undefined ? {} : { image }),
      ...(command === undefined ? {} : { command }),
    };
  }
  const known = functionOf(placement);
  return {
    ...base,
    capabilities: known.capabilities,
    image: placement.image ?? known.defaultImage,
    ...(placement.runtime === "namespace" ? { command: known.command } : {}),
  };
}

function identityOf({ tenant, kind, name, uid }: InstancePlacement): Identity {
  return { tenant, kind, name, placement: uid };
}

function namespacePathOf(uid: string, inventory: Inventory): string {
  const path = inventory.owned(uid)?.holder?.namespacePath;
  if (path === undefined) throw new WeftError("unavailable", "Its network namespace is not there.");
  return path;
}

function driverOf({ runtime }: InstancePlacement, drivers: AgentPorts["drivers"]): Driver {
  const driver = drivers.get(runtime);
  if (driver === undefined) throw noRuntime(runtime);
  return driver;
}

function noRuntime(runtime: Runtime): WeftError {
  return new WeftError("unsupported", `This node has no runtime ${runtime}.`);
}
