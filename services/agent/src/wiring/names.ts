/**
 * Names of what an agent makes in the kernel: at most 15 characters, hashed from the placement's uid, so that a new
 * placing of an old name never meets what the old one left.
 */
import { createHash } from "node:crypto";
import type { InstancePlacement, PlacedInterface } from "@weft/schemas";

/** Host end of the pair whose other end is a placement's interface; the name of its Open vSwitch port too. */
export function linkName(uid: string, placed: Pick<PlacedInterface, "port">): string {
  return `weft-${shortHash(`${uid} ${placed.port}`)}`;
}

export interface ProbeNamespaces {
  readonly inner: string;
  readonly outer: string;
}
export function probeNamespaces(uid: string): ProbeNamespaces {
  return {
    inner: `weft-${shortHash(`${uid} probe inner`)}`,
    outer: `weft-${shortHash(`${uid} probe outer`)}`,
  };
}

/** All interfaces of a placement, those of a shard's probe included. */
export function interfacesOf(placement: InstancePlacement): PlacedInterface[] {
  if (placement.kind === "workload") return placement.interfaces;
  return [...placement.interfaces, placement.probe.inner, placement.probe.outer];
}

/** Asked in every round, so hashed once for each record as it was read: a record is never changed. */
const linkNamesOf = new WeakMap<InstancePlacement, readonly string[]>();

export function linkNames(placement: InstancePlacement): readonly string[] {
  const known = linkNamesOf.get(placement);
  if (known !== undefined) return known;
  const names = interfacesOf(placement).map((placed) => linkName(placement.uid, placed));
  linkNamesOf.set(placement, names);
  return names;
}

function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 10);
}
