/** Texts that stand for what a placement wants: two that are equal mean that nothing has to be done. */
import { createHash } from "node:crypto";
import { wantedParts } from "@weft/decide";
import type { SeenPlacement } from "@weft/decide";
import { configText } from "@weft/functions";
import type { InstancePlacement } from "@weft/schemas";

export function wantedOf(placement: InstancePlacement): SeenPlacement["wanted"] {
  const { spec, wiring } = wantedParts(placement);
  return {
    spec: hash(JSON.stringify(spec)),
    wiring: hash(JSON.stringify(wiring)),
    ...(placement.kind === "shard" ? { config: hash(configText(placement)) } : {}),
  };
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
