/**
 * What was ever written to OVN's northbound database, from the log that ovsdb-server keeps of it (ovsdb-tool(1), show-log).
 * Rows of Weft's are told by their key; one that is inserted while another with its key is there was made twice.
 */
import { run } from "./command-line.ts";

const header = /^ {2}table (\w+) (insert )?row (?:"[^"]*" \()?([0-9a-f]{8})\)?/;
const owner = /weft-owner=(?:"([^"]*)"|([^,}]+))/;

export async function insertedTwice(file: string): Promise<string[]> {
  const { code, stdout, stderr } = await run("ovsdb-tool", ["-mm", "show-log", file]);
  if (code !== 0) throw new Error(`ovsdb-tool: ${stderr}`);
  return readLog(stdout);
}

export function readLog(text: string): string[] {
  /** Key by row. */
  const living = new Map<string, string>();
  const twice: string[] = [];
  let row = "";
  let inserting = false;
  for (const line of text.split("\n")) {
    const [found, table = "", insert, uuid = ""] = header.exec(line) ?? [];
    if (found !== undefined) [row, inserting] = [`${table} ${uuid}`, insert !== undefined];
    else if (line === "    delete row") living.delete(row);
    const [, quoted, plain] = owner.exec(line) ?? [];
    const key = quoted ?? plain;
    if (!inserting || key === undefined) continue;
    const about = `${row.split(" ")[0]} ${key}`;
    if ([...living.values()].includes(about)) twice.push(about);
    living.set(row, about);
  }
  return twice;
}
