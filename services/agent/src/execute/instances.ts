/** Holders, which own the namespaces, and the instances that run in them: what the drivers are asked for each placement. */
import type { SeenPlacement } from "@weft/decide";
import type { Identity, InstanceSpec } from "@weft/drivers";
import { functionOf } from "@weft/functions";
import { WeftError } from "@weft/schemas";
import type { InstancePlacement, Runtime } from "@weft/schemas";
import type { AgentPorts } from "../ports.ts";
import { failEach } from "./executor.ts";
import type { ExecutorContext, Fail } from "./executor.ts";

type HolderContext = Pick<ExecutorContext, "ports" | "inventory" | "firstShims">;

export async function createHolders(
  targets: readonly SeenPlacement[],
  context: HolderContext,
  fail: Fail,
): Promise<void> {
  const byRuntime = Map.groupBy(targets, ({ placement }) => placement.runtime);
  await Promise.all(
    [...byRuntime].map(([runtime, some]) => createHoldersOf(runtime, some, { ...context, fail })),
  );
}

/** Their instances are made beside them, as far as that goes without a holder. */
async function createHoldersOf(
  runtime: Runtime,
  targets: readonly SeenPlacement[],
  { ports, inventory, firstShims, fail }: HolderContext & { readonly fail: Fail },
): Promise<void> {
  const driver = ports.drivers.get(runtime);
  if (driver === undefined)
    return targets.forEach(({ placement }) => fail(placement.uid, noRuntime(runtime)));
  const identities = targets.map(({ placement }) => identityOf(placement));
  const [made] = await Promise.all([
    driver.ensureHolders(identities),
    driver.prepareInstances(targets.map(instanceSpec)),
  ]);
  failEach(made, fail);
  for (const identity of identities) {
    const ensured = made.get(identity.placement);
    if (ensured === undefined || ensured instanceof Error) continue;
    const { holder, isNew } = ensured;
    inventory.made(identity, holder);
    if (isNew && holder.namespaceInode !== undefined)
      firstShims.made(identity.placement, holder.namespaceInode);
  }
}

export async function startInstance(target: SeenPlacement, { drivers }: AgentPorts): Promise<void> {
  const { runtime } = target.placement;
  const driver = drivers.get(runtime);
  if (driver === undefined) throw noRuntime(runtime);
  await driver.startInstance(instanceSpec(target));
}

/** Whichever runtime it has: only its uid is known. */
export async function removeInstance(uid: string, { drivers }: AgentPorts): Promise<void> {
  for (const driver of drivers.values()) await driver.removeInstance(uid);
}

function instanceSpec({ placement, wanted }: SeenPlacement): InstanceSpec {
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

function noRuntime(runtime: Runtime): WeftError {
  return new WeftError("unsupported", `This node has no runtime ${runtime}.`);
}
