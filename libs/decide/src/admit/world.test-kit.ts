/** Builders of documents and of intents that are there, for the tests of admission and of scheduling. */
import type { Document, IntentRecord } from "@weft/schemas";
import { Document as AnyDocument, intentKey } from "@weft/schemas";
import type { KnownIntent } from "./wanted-world.ts";

const tenantOfTests = "demo";

export function network(name: string, subnets: string[], tenant = tenantOfTests) {
  return { kind: "Network", metadata: { name, tenant }, spec: { subnets } };
}

export function workload(name: string, networks: { network: string; address?: string }[], more: object = {}) {
  return { kind: "Workload", metadata: { name, tenant: tenantOfTests }, spec: { networks, ...more } };
}

export function group(name: string, more: object = {}) {
  return {
    kind: "FunctionGroup",
    metadata: { name, tenant: tenantOfTests },
    spec: { function: "firewall", ...more },
  };
}

export function chain(name: string, from: string, to: string, through: string[], protocols?: string[]) {
  const match = protocols?.map((protocol) => ({ protocol }));
  return {
    kind: "Chain",
    metadata: { name, tenant: tenantOfTests },
    spec: { from, to, through, ...(match === undefined ? {} : { match }) },
  };
}

/** Intents as if each document had been applied by itself, at revisions 1, 2, … */
export function known(...documents: unknown[]): Map<string, KnownIntent> {
  const intents = new Map<string, KnownIntent>();
  documents.forEach((one, index) => {
    const document = AnyDocument.parse(one);
    intents.set(keyOf(document), { value: intentOf(document, 1), revision: index + 1 });
  });
  return intents;
}

export function intentOf(document: Document, generation: number): IntentRecord {
  return {
    document,
    uid: `uid-of-${keyOf(document)}`,
    generation,
    createdAt: "2030-01-01T00:00:00.000Z",
    updatedAt: "2030-01-01T00:00:00.000Z",
    cause: "test",
  };
}

function keyOf({ kind, metadata }: Document): string {
  return intentKey(kind, metadata.tenant ?? "default", metadata.name);
}
