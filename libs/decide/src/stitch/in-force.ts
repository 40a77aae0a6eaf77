/**
 * Whether the chassis concerned have applied what the northbound database says. Those of nodes that are lost do not count,
 * or a dead node would hold everything up (OVN's own hv_cfg is the minimum over all and then stands still).
 */
import type { InstancePlacement, Segment } from "@weft/schemas";
import { nodeHealthKey } from "@weft/schemas";
import { interfacesOf } from "./topology.ts";
import type { StitchSeen } from "./seen.ts";
import type { TenantWorld } from "./tenant-world.ts";

export type Behind = string | undefined;

/** Says what is behind, or undefined when all have followed. `concerns` picks the instances whose chassis count. */
export function behind(
  world: TenantWorld | undefined,
  seen: Pick<StitchSeen, "health" | "progress" | "bindings">,
  concerns: (placement: InstancePlacement) => boolean,
): Behind {
  const { progress, bindings } = seen;
  if (progress.compiled < progress.wanted) return "ovn-northd has not compiled it yet";
  for (const { value } of world?.instances ?? []) {
    if (isLost(value.node, seen) || !concerns(value)) continue;
    for (const { port } of interfacesOf(value)) {
      const chassis = bindings.get(port)?.chassis;
      if (chassis !== undefined && (progress.applied.get(chassis) ?? 0) < progress.wanted)
        return `${value.node} has not applied it yet`;
    }
  }
  return undefined;
}

/** The first port that no chassis has up. */
export function unboundPort(
  placement: InstancePlacement,
  { bindings }: Pick<StitchSeen, "bindings">,
): string | undefined {
  return interfacesOf(placement).find(({ port }) => bindings.get(port)?.up !== true)?.port;
}

export function touches(placement: InstancePlacement, segments: readonly Segment[]): boolean {
  return interfacesOf(placement).some(({ segment }) =>
    segments.some(({ kind, name }) => kind === segment.kind && name === segment.name),
  );
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
