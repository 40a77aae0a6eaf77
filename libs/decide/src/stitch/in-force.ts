/**
 * Whether the chassis concerned have applied what the northbound database says. Those of nodes that are lost do not count,
 * or a dead node would hold everything up (OVN's own hv_cfg is the minimum over all and then stands still).
 */
import type { InstancePlacement, Segment } from "@weft/schemas";
import { nodeHealthKey } from "@weft/schemas";
import { interfacesOf } from "./topology.ts";
import type { StitchSeen } from "./seen.ts";
import { segmentKey } from "./tenant-world.ts";
import type { TenantWorld } from "./tenant-world.ts";

/** Says what is behind, or undefined when the chassis of all these instances have followed. */
export function behind(
  instances: readonly InstancePlacement[],
  seen: Pick<StitchSeen, "health" | "progress" | "bindings">,
): string | undefined {
  const { progress, bindings } = seen;
  if (progress.compiled < progress.wanted) return "ovn-northd has not compiled it yet";
  for (const instance of instances) {
    if (isLost(instance.node, seen)) continue;
    for (const { port } of interfacesOf(instance)) {
      const chassis = bindings.get(port)?.chassis;
      if (chassis !== undefined && (progress.applied.get(chassis) ?? 0) < progress.wanted)
        return `${instance.node} has not applied it yet`;
    }
  }
  return undefined;
}

/** The tenant's instances that have a port on one of these segments. */
export function instancesOn(world: TenantWorld, segments: readonly Segment[]): InstancePlacement[] {
  const places = new Set(segments.flatMap((segment) => world.onSegment.get(segmentKey(segment)) ?? []));
  return [...places].toSorted((a, b) => a - b).flatMap((place) => world.instances[place]?.value ?? []);
}

/** The first port that no chassis has up. */
export function unboundPort(
  placement: InstancePlacement,
  { bindings }: Pick<StitchSeen, "bindings">,
): string | undefined {
  return interfacesOf(placement).find(({ port }) => bindings.get(port)?.up !== true)?.port;
}

/**
 * A port of it has lost its chassis, which was fenced, or that chassis came back and has not made it ready again: whatever runs
 * there, nothing reaches it from other nodes.
 */
export function hasLostChassis(
  placement: InstancePlacement,
  { bindings }: Pick<StitchSeen, "bindings">,
): boolean {
  return interfacesOf(placement).some(({ port }) => {
    const binding = bindings.get(port);
    return binding !== undefined && (binding.chassis === undefined || !binding.up);
  });
}

/** Where the policies of a chain take effect. */
export function segmentsOfChain(spec: { from: string; to: string; through: readonly string[] }): Segment[] {
  const ends = [spec.from, spec.to].map((name): Segment => ({ kind: "network", name }));
  const sides = spec.through.flatMap((name): Segment[] => [
    { kind: "inner", name },
    { kind: "outer", name },
  ]);
  return [...ends, ...sides];
}

function isLost(node: string, { health }: Pick<StitchSeen, "health">): boolean {
  const verdict = health.get(nodeHealthKey(node))?.value;
  return verdict?.kind === "node" && verdict.state === "lost";
}
