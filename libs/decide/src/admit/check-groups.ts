/** Function groups: the function is in the catalogue and runs on the runtime that is asked for. */
import type { Finding } from "./finding.ts";
import { finding } from "./finding.ts";
import type { WantedWorld } from "./wanted-world.ts";

/** What admission needs to know of a function; the catalogue is libs/functions'. */
export interface KnownFunction {
  readonly name: string;
  readonly runtimes: readonly string[];
}

export function checkGroups(world: WantedWorld, functions: readonly KnownFunction[]): Finding[] {
  return world.coming("FunctionGroup").flatMap(({ document, path }) => {
    const { spec } = document;
    const known = functions.find(({ name }) => name === spec.function);
    const image =
      spec.runtime === "namespace" && spec.image !== undefined
        ? [finding("invalid-document", `${path}.spec.image`, "has no meaning for the namespace runtime")]
        : [];
    if (known === undefined) return [...image, unknownFunction(path, spec.function, functions)];
    if (known.runtimes.includes(spec.runtime)) return image;
    const message = `${spec.function} does not run on ${spec.runtime}; it runs on ${known.runtimes.join(", ")}`;
    return [...image, finding("unsupported", `${path}.spec.runtime`, message)];
  });
}

function unknownFunction(path: string, name: string, functions: readonly KnownFunction[]): Finding {
  const names = functions.map((known) => known.name).toSorted();
  const message = `${name} is no function known here; known are ${names.join(", ")}`;
  return finding("invalid-document", `${path}.spec.function`, message);
}
