/** Which fault comes next: processes most of all, a full disk seldom. */
import { clockOf } from "./clock.ts";
import { diskFullOf } from "./disk-full.ts";
import type { Field, Injection } from "./injection.ts";
import { controlPartitionOf, nodePartitionOf } from "./partition.ts";
import { killOf, pauseOf } from "./processes.ts";

export type { Field, Injection } from "./injection.ts";

const makers: readonly { readonly weight: number; readonly make: (field: Field) => Injection }[] = [
  { weight: 6, make: killOf },
  { weight: 5, make: pauseOf },
  { weight: 2, make: nodePartitionOf },
  { weight: 2, make: controlPartitionOf },
  { weight: 2, make: clockOf },
  { weight: 1, make: diskFullOf },
];
const deck = makers.flatMap(({ weight, make }) => Array.from({ length: weight }, () => make));

export function nextInjection(field: Field): Injection {
  return field.chance.oneOf(deck)(field);
}

/** One of each, in the order of the table: a short run must not leave a kind to chance. */
export function everyInjection(field: Field): (() => Injection)[] {
  return makers.map(
    ({ make }) =>
      () =>
        make(field),
  );
}
