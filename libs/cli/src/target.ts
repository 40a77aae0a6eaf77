/** What a user may name: KIND/NAME, or KIND and NAME, in any spelling of the kind. Pure. */
import type { Kind } from "@weft/schemas";
import { isLabel, kindNames, kindOf, kinds } from "@weft/schemas";
import { UsageError } from "./usage-error.ts";

/** Kinds that are rows and no documents, with what users type for them. */
const rowWords = {
  shards: ["shards", "shard"],
  slots: ["slots"],
  handoffs: ["handoffs", "handoff"],
  nodes: ["nodes", "node"],
  functions: ["functions", "function"],
  services: ["services", "service"],
} as const satisfies Record<string, readonly string[]>;
export type RowKind = keyof typeof rowWords;
const rowKinds = [
  "shards",
  "slots",
  "handoffs",
  "nodes",
  "functions",
  "services",
] as const satisfies RowKind[];

export type AnyKind = { readonly document: Kind } | { readonly rows: RowKind };

export function readKind(word: string): AnyKind {
  const document = kindOf(word);
  if (document !== undefined) return { document };
  const lower = word.toLowerCase();
  const rows = rowKinds.find((kind) => rowWords[kind].some((known) => known === lower));
  if (rows !== undefined) return { rows };
  const known = [...kindNames.map((kind) => kinds[kind].plural), ...rowKinds].join(", ");
  throw new UsageError(`"${word}" is no kind; there are ${known}`);
}

export interface Target {
  readonly kind: AnyKind;
  readonly name: string;
}

/** KIND/NAME. */
export function readTarget(text: string): Target {
  const [word = "", name, ...more] = text.split("/");
  if (name === undefined || more.length > 0)
    throw new UsageError(`"${text}" is not KIND/NAME, such as fg/edge-fw or workload/client-1`);
  const kind = readKind(word);
  if (!isLabel(name)) throw new UsageError(`"${name}" is no name: names have a-z, 0-9 and '-'`);
  return { kind, name };
}

/** KIND/NAME of a document. */
export function readDocumentTarget(text: string): { readonly kind: Kind; readonly name: string } {
  const { kind, name } = readTarget(text);
  if ("document" in kind) return { kind: kind.document, name };
  throw new UsageError(
    `${kind.rows} are no documents: this takes ${kindNames.map((each) => kinds[each].token).join(", ")}`,
  );
}

/** node/NAME. */
export function readNode(text: string): string {
  const { kind, name } = readTarget(text);
  if ("rows" in kind && kind.rows === "nodes") return name;
  throw new UsageError(`"${text}" is no node: this takes node/NAME`);
}

/** KIND/NAME of what runs: a workload or a shard. */
export function readThing(text: string): { readonly kind: "workload" | "shard"; readonly name: string } {
  const { kind, name } = readTarget(text);
  if ("document" in kind && kind.document === "Workload") return { kind: "workload", name };
  if ("rows" in kind && kind.rows === "shards") return { kind: "shard", name };
  throw new UsageError(`"${text}" is nothing that runs: this takes workload/NAME or shard/NAME`);
}
