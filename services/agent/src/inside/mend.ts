/**
 * Sets again, in place, what a wiring had set: links stay, and what else is in a namespace stays with them.
 * The script of a wiring, whose lines replace and do not mind what is there already.
 */
import { runOnHost } from "@weft/drivers";
import type { InstancePlacement } from "@weft/schemas";
import { WeftError } from "@weft/schemas";
import { tbfLine } from "../wiring/bandwidth.ts";
import { interfacesOf, linkName } from "../wiring/names.ts";
import { mendScript } from "../wiring/namespace-script.ts";
import { placesOf } from "../wiring/plan.ts";
import type { PlaceContext } from "../wiring/plan.ts";
import { runInNamespace } from "../wiring/in-namespaces.ts";

export async function mendWiring(placement: InstancePlacement, context: PlaceContext): Promise<void> {
  const { uid, interfaces, resources } = placement;
  await onHost(
    ["ip", "-batch", "-"],
    interfacesOf(placement).map((placed) => `link set ${linkName(uid, placed)} mtu ${placed.mtu} up`),
  );
  await onHost(
    ["tc", "-batch", "-"],
    interfaces.flatMap((placed) => tbfLine(linkName(uid, placed), resources.bandwidth) ?? []),
  );
  for (const { path, contents } of placesOf(placement, context))
    await runInNamespace(path, mendScript(contents));
}

async function onHost(argv: readonly string[], lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return;
  const { code, stderr } = await runOnHost({ argv, stdin: `${lines.join("\n")}\n` });
  if (code !== 0) throw new WeftError("unavailable", `Link ends: ${stderr.trim()}.`);
}
