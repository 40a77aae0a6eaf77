/** Function groups: the function is in the catalogue, runs on the runtime that is asked for and can keep its state as is asked for. */
import type { SoundSpec } from "@weft/schemas";
import type { Finding } from "./finding.ts";
import { finding } from "./finding.ts";
import type { WantedWorld } from "./wanted-world.ts";

/** What admission needs to know of a function; the catalogue is libs/functions'. */
export interface KnownFunction {
  readonly name: string;
  readonly runtimes: readonly string[];
  /** What it knows of its connections can be kept at peers. */
  readonly replicates?: boolean;
}

export function checkGroups(world: WantedWorld, functions: readonly KnownFunction[]): Finding[] {
  return world.coming("FunctionGroup").flatMap(({ document: { spec }, path }) => {
    const { function: name, runtime } = spec;
    const known = functions.find((one) => one.name === name);
    const faults = [...imageFaults(spec, path), ...stateFaults(spec, path, known)];
    if (name === undefined) return faults;
    if (known === undefined) return [...faults, unknownFunction(path, name, functions)];
    if (runtime === undefined || known.runtimes.includes(runtime)) return faults;
    const message = `${name} does not run on ${runtime}; it runs on ${known.runtimes.join(", ")}`;
    return [...faults, finding("unsupported", `${path}.spec.runtime`, message)];
  });
}

type GroupSpec = SoundSpec<"FunctionGroup">;

function imageFaults({ runtime, image }: GroupSpec, path: string): Finding[] {
  if (runtime !== "namespace" || image === undefined) return [];
  return [finding("invalid-document", `${path}.spec.image`, "has no meaning for the namespace runtime")];
}

function stateFaults(spec: GroupSpec, path: string, known: KnownFunction | undefined): Finding[] {
  if (spec.state !== "replicated" || known === undefined || known.replicates === true) return [];
  const message = `the state of ${known.name} cannot be kept at peers: it is more than the kernel's connection tracking`;
  return [finding("unsupported", `${path}.spec.state`, message)];
}

function unknownFunction(path: string, name: string, functions: readonly KnownFunction[]): Finding {
  const names = functions.map((known) => known.name).toSorted();
  const message = `${name} is no function known here; known are ${names.join(", ")}`;
  return finding("invalid-document", `${path}.spec.function`, message);
}
