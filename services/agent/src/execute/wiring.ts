/** Sets again in place what was bent of a wiring, and takes links and ports away. */
import { WeftError } from "@weft/schemas";
import { mendWiring } from "../inside/mend.ts";
import { linkNames, probeNamespaces } from "../wiring/names.ts";
import { unwireAll } from "../wiring/wire.ts";
import type { ExecutorContext, StepOf } from "./executor.ts";
import { contextOf } from "./wire-placements.ts";

/** Looks again afterwards: what cannot be set again is a failure, to be tried later. */
export async function mend(
  { uid, target: { placement } }: StepOf<"mendWiring">,
  context: ExecutorContext,
): Promise<void> {
  await mendWiring(placement, contextOf(uid, placement, context, true));
  await context.inside.look([uid]);
  const still = context.inside.drift(uid);
  if (still !== undefined) throw new WeftError("unavailable", `It cannot be mended: ${still}.`);
}

export async function unwire(
  uids: readonly string[],
  { ports, placements }: Pick<ExecutorContext, "ports" | "placements">,
): Promise<void> {
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
