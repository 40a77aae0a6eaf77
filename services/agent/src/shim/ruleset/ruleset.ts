/**
 * The whole table of a shard's shim as text, all parts together. Pure; docs/shim.md says what each rule is for.
 * Loading it again replaces the rules in one transaction and keeps the sets, so that no flow is forgotten.
 */
import { createHash } from "node:crypto";
import { chain } from "./chain.ts";
import { egressChains } from "./egress-chains.ts";
import { gateClosed } from "./gate.ts";
import { declarations, emptiedSelf } from "./sets.ts";
import type { ShimShape } from "./shape.ts";
import { shimTable } from "./shape.ts";
import { sideChains } from "./side-chains.ts";

export interface Ruleset {
  /** An empty chain that is called so stands for these rules: chains are listed without a look into any set. */
  readonly mark: string;
  readonly text: string;
  /** Loaded behind it, lets nothing pass. */
  readonly gate: string;
}

const markPrefix = "rules_";

export function shimRuleset(shape: ShimShape): Ruleset {
  const chains = shape.sides.flatMap((side) => [...sideChains(shape, side), ...egressChains(shape, side)]);
  const body = [...declarations(shape).map((line) => ` ${line}`), ...chains];
  const mark = `${markPrefix}${createHash("sha256").update(body.join("\n")).digest("hex").slice(0, 12)}`;
  const lines = [
    `add table netdev ${shimTable}`,
    `flush table netdev ${shimTable}`,
    ...emptiedSelf(),
    `table netdev ${shimTable} {`,
    ...body,
    chain(mark, []),
    "}",
  ];
  return { mark, text: `${lines.join("\n")}\n`, gate: gateClosed(shape) };
}

export function isMark(chainName: string): boolean {
  return chainName.startsWith(markPrefix);
}
