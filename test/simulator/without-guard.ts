/**
 * Loads the sources without one guard: a hook of the module loader replaces the guard's text, so nothing of it is in the decisions
 * themselves. To be called before anything is imported that has the guard; the whole thread is without it then.
 */
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Guard } from "./guards.ts";

const checkout = path.resolve(import.meta.dirname, "../..");

export function removeGuard(guard: Guard): void {
  const url = pathToFileURL(path.join(checkout, guard.file)).href;
  registerHooks({
    load: (asked, context, nextLoad) => {
      if (asked !== url) return nextLoad(asked, context);
      return { format: "module-typescript", source: textWithout(guard), shortCircuit: true };
    },
  });
}

/** Throws where the guard's text is not found exactly once: then the list of guards is out of date. */
export function textWithout({ name, file, source, instead }: Guard): string {
  const text = readFileSync(path.join(checkout, file), "utf8");
  const parts = text.split(source);
  if (parts.length !== 2)
    throw new Error(`The guard "${name}" is found ${parts.length - 1} times in ${file}: ${source}`);
  return parts.join(instead);
}
