/**
 * What a database holds, told by ovsdb-client, which shares no code with ours; and how far a replica is from it.
 * Starts `ovsdb-client dump`; compares values as sorted text, so that nothing of our decoding vouches for itself.
 * When to compare is left to the tests.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { program } from "@weft/testkit";
import { z } from "zod";
import type { BaseRow, Replica, Rows, Value } from "../../src/index.ts";
import { isSet, pairsOf } from "../../src/notation/value.ts";

const run = promisify(execFile);
const Table = z.object({
  caption: z.string(),
  headings: z.array(z.string()),
  data: z.array(z.array(z.unknown())),
});

/** Rows by table and UUID, each column as text. */
export type Dump = ReadonlyMap<string, ReadonlyMap<string, ReadonlyMap<string, string>>>;

export async function dumpOf(remote: string, database: string): Promise<Dump> {
  const command = ["-f", "json", "dump", remote, database];
  const { stdout } = await run(program("ovsdb-client"), command, { maxBuffer: 2 ** 30 });
  const tables = stdout.split("\n").filter((line) => line !== "");
  return new Map(
    tables.map((line) => {
      const { caption, headings, data } = Table.parse(JSON.parse(line));
      const rows = data.map((row) => {
        const columns = new Map(headings.map((column, at) => [column, wireText(row[at])] as const));
        return [uuidIn(columns.get("_uuid")), columns] as const;
      });
      return [caption.replace(/ table$/, ""), new Map(rows)] as const;
    }),
  );
}

/** One line for each row or column in which the two differ; `expected` says which rows the replica is to have, all by default. */
export function differences<R extends Rows>(
  replica: Replica<R>,
  dump: Dump,
  expected: (table: string, uuid: string) => boolean = () => true,
): readonly string[] {
  const held = Object.entries<readonly BaseRow[]>(replica.snapshot());
  return held.flatMap(([table, rows]) => {
    const theirs = new Map([...(dump.get(table) ?? [])].filter(([uuid]) => expected(table, uuid)));
    const ours = new Map<string, BaseRow>(rows.map((row) => [row._uuid, row]));
    const lacking = [...theirs.keys()].filter((uuid) => !ours.has(uuid));
    return [
      ...lacking.map((uuid) => `${table} ${uuid}: not in the replica`),
      ...[...ours].flatMap(([uuid, row]) => {
        const their = theirs.get(uuid);
        if (their === undefined) return [`${table} ${uuid}: only in the replica`];
        return Object.entries<Value>({ ...row }).flatMap(([column, value]) => {
          const [mine, other] = [friendlyText(value), their.get(column)];
          return mine === other ? [] : [`${table} ${uuid} ${column}: ${mine}, and in the server ${other}`];
        });
      }),
    ];
  });
}

function uuidIn(text: string | undefined): string {
  const [uuid = '""']: readonly string[] = JSON.parse(text ?? "[]");
  return JSON.parse(uuid) as string;
}

/** Every value as the sorted texts of its elements: of atoms, or of pairs. */
function friendlyText(value: Value): string {
  if (value === undefined) return "[]";
  if (typeof value !== "object") return sortedText([value]);
  return sortedText(isSet(value) ? value : pairsOf(value));
}

function wireText(value: unknown): string {
  if (!Array.isArray(value)) return sortedText([value]);
  const [kind, body]: readonly unknown[] = value;
  if (kind === "set" && Array.isArray(body)) return sortedText(body.map(bare));
  if (kind === "map" && Array.isArray(body))
    return sortedText(body.map((pair: unknown) => (Array.isArray(pair) ? pair.map(bare) : pair)));
  return sortedText([bare(value)]);
}

/** ["uuid", x] is x. */
function bare(atom: unknown): unknown {
  return Array.isArray(atom) && atom[0] === "uuid" ? atom[1] : atom;
}

function sortedText(elements: readonly unknown[]): string {
  return JSON.stringify(elements.map((element) => JSON.stringify(element)).sort());
}
