import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { admit } from "./admit.ts";
import type { Admission } from "./admit.ts";
import type { KnownIntents } from "./wanted-world.ts";
import { chain, group, intentOf, network, workload } from "./world.test-kit.ts";

const functions = [{ name: "firewall", runtimes: ["docker", "namespace"] }];

// Few names and few subnets, so that documents meet: sound ones, clashing ones and faulty ones in one request.
const name = fc.constantFrom("a", "b", "c");
const subnet = fc.constantFrom(
  "10.1.0.0/16",
  "10.1.4.0/24",
  "10.2.0.0/16",
  "10.3.0.0/30",
  "fd00:1::/64",
  "10.1.0.1/16",
  "100.64.1.0/24",
);
const address = fc.constantFrom("10.1.0.1", "10.1.4.9", "10.2.0.9", "10.3.0.2", "fd00:1::9");
const document: fc.Arbitrary<unknown> = fc.oneof(
  fc.tuple(name, fc.uniqueArray(subnet, { minLength: 1, maxLength: 2 })).map(([n, s]) => network(n, s)),
  fc
    .tuple(name, name, fc.option(address))
    .map(([n, on, at]) => workload(n, [at === null ? { network: on } : { network: on, address: at }])),
  fc.tuple(name, fc.constantFrom(1, 2, 65)).map(([n, replicas]) => group(n, { replicas })),
  fc.tuple(name, name, name, name).map(([n, from, to, through]) => chain(n, from, to, [through])),
  fc.constantFrom(
    null,
    { kind: "Nope" },
    { kind: "Network", metadata: { name: "a" }, spec: { subnets: [], x: 1 } },
  ),
);
const documents = fc.array(document, { maxLength: 7 });

function apply(request: readonly unknown[], intents: KnownIntents = new Map()): Admission {
  return admit({ documents: request, intents, functions });
}

/** What is there after an admitted request. */
function after(intents: KnownIntents, { writes }: Admission): KnownIntents {
  const next = new Map(intents);
  writes.forEach(({ key, document: written, generation }, index) => {
    if (written === undefined) next.delete(key);
    else next.set(key, { value: intentOf(written, generation), revision: intents.size + index + 1 });
  });
  return next;
}

/** Faults with the place of each document in `original` instead of its place in the request. */
function faultsBy(original: readonly unknown[], request: readonly unknown[]): string[] {
  return apply(request)
    .findings.map(({ path, message }) => {
      const place = Number(/^documents\[(\d+)\]/.exec(path)?.[1]);
      const meant = original.indexOf(request[place]);
      return `${meant}${path.replace(/^documents\[\d+\]/, "")}: ${message}`;
    })
    .toSorted();
}

describe("admission of any request", () => {
  it("finds the same faults whatever the order of the documents", () => {
    fc.assert(
      fc.property(
        documents.chain((all) => {
          const own = all.map((one) => (one === null ? null : { ...one })); // each its own object
          return fc.tuple(fc.constant(own), fc.shuffledSubarray(own, { minLength: own.length }));
        }),
        ([original, shuffled]) => {
          const objects = original.filter((one) => one !== null);
          const other = shuffled.filter((one) => one !== null);
          expect(faultsBy(objects, other)).toEqual(faultsBy(objects, objects));
        },
      ),
      { numRuns: 400 },
    );
  });

  it("writes nothing when there is a fault", () => {
    fc.assert(
      fc.property(documents, (request) => {
        const { findings, writes } = apply(request);
        expect(findings.length === 0 || writes.length === 0).toBe(true);
      }),
    );
  });

  it("admits again what it admitted, as unchanged", () => {
    fc.assert(
      fc.property(fc.array(documents, { maxLength: 4 }), (requests) => {
        let intents: KnownIntents = new Map();
        for (const request of requests) {
          const admission = apply(request, intents);
          if (admission.findings.length === 0) intents = after(intents, admission);
        }
        const again = apply(
          [...intents.values()].map(({ value }) => value.document),
          intents,
        );
        expect(again.findings).toEqual([]);
        expect(again.writes).toEqual([]);
        expect(again.documents.every(({ change }) => change === "unchanged")).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
