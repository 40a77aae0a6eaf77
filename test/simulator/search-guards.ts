/**
 * Takes the guards away, one at a time, and runs histories until one breaks a rule: a guard that no history misses is either
 * redundant or not watched. Reads nothing but its arguments.
 */
import { availableParallelism } from "node:os";
import type { Guard } from "./guards.ts";
import { inThread } from "./run-histories.ts";

export interface Search {
  readonly name: string;
  readonly keeps: string;
  readonly file: string;
  /** The first that broke a rule, and which; null: none did. */
  readonly caught: { readonly seed: number; readonly broken: string } | null;
  /** How many ran. */
  readonly histories: number;
}

/** `tell` is called as each search ends. */
export async function searchGuards(
  guards: readonly Guard[],
  seeds: { readonly first: number; readonly most: number },
  tell: (search: Search) => void = () => undefined,
): Promise<Search[]> {
  const waiting = [...guards];
  const searches: Search[] = [];
  const work = async () => {
    for (let guard = waiting.shift(); guard !== undefined; guard = waiting.shift()) {
      const search = await searchGuard(guard, seeds);
      searches.push(search);
      tell(search);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  const order = guards.map(({ name }) => name);
  return searches.toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
}

async function searchGuard(
  { name, keeps, file }: Guard,
  { first, most }: { readonly first: number; readonly most: number },
): Promise<Search> {
  const { histories, failures } = await inThread({
    seeds: { first, step: 1, end: first + most },
    withoutGuard: name,
    mostFailures: 1,
  });
  const [failure] = failures;
  const caught = failure === undefined ? null : { seed: failure.seed, broken: failure.broken };
  return { name, keeps, file, caught, histories };
}
