/** A chain as text, and how the chains of one family at one side are called. */
import type { Way } from "./match.ts";
import type { ShimCounter } from "./shape.ts";

/** Rules that do not apply are left out. */
export function chain(name: string, rules: readonly (string | undefined)[]): string {
  const lines = rules.flatMap((rule) => (rule === undefined ? [] : [`  ${rule}\n`]));
  return ` chain ${name} {\n${lines.join("")} }`;
}

/** Without a part: where the packets of the family come in. */
export function chainOf({ family, side }: Way, part = ""): string {
  return `${side.name}_${family}${part === "" ? "" : `_${part}`}`;
}

export function counted(counter: ShimCounter): string {
  return `counter name ${counter}`;
}
