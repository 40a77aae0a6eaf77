/** Requests to admission and what it says of them, for its tests. Three networks that most of them need. */
import type { Admission } from "./admit.ts";
import { admit } from "./admit.ts";
import type { Deletion } from "./check-deletions.ts";
import { faultsOf } from "./finding.ts";
import type { KnownIntents } from "./wanted-world.ts";
import { network } from "./world.test-kit.ts";

const functions = [
  { name: "firewall", runtimes: ["docker", "namespace"], replicates: true },
  { name: "ids", runtimes: ["docker"] },
];
export const inside = network("inside", ["10.1.0.0/16"]);
export const outside = network("outside", ["10.2.0.0/16"]);
export const six = network("six", ["fd00:6::/64"]);

export function apply(
  documents: unknown[],
  more: { intents?: KnownIntents; ifRevision?: number } = {},
): Admission {
  return admit({ documents, intents: new Map(), functions, ...more });
}

export function remove(deletions: Deletion[], intents: KnownIntents): Admission {
  return admit({ documents: [], deletions, intents, functions });
}

/** `path: message` of every fault. */
export function faults(admission: Admission): string[] {
  return faultsOf(admission.findings).map(({ path, message }) => `${path}: ${message}`);
}
