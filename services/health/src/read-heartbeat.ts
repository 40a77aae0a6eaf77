/**
 * Reads heartbeats as text. They come ten times a second from each node and differ from the one before in numbers alone; so a text that
 * is, but for those numbers, one that the schema has taken needs no second check of the schema, which costs most of the reading.
 */
import { isDeepStrictEqual } from "node:util";
import { Heartbeat } from "@weft/schemas";

/** The schema takes any whole number there that JavaScript can tell exactly. A quote within a string is escaped: keys are keys. */
const numbers = /(?<="(?:sequence|probeAgeMs)":)\d{1,15}(?=[,}])/g;

/** Four of five say nothing else; no character in them that JSON escapes. */
const short = /^{"node":"([a-z0-9-]+)","incarnation":"([a-z0-9-]+)","sequence":(\d{1,15})}$/;

/** Answers undefined for what is no heartbeat. */
export function heartbeatReader(): (text: string) => Heartbeat | undefined {
  /** Texts without those numbers, by node. */
  const taken = new Map<string, string>();
  /** Nodes that the schema has taken. */
  const names = new Set<string>();
  return (text) => {
    const [, name = "", incarnation = "", sequence] = short.exec(text) ?? [];
    if (names.has(name)) return { node: name, incarnation, sequence: Number(sequence) };
    const shape = text.replace(numbers, "");
    const read = parsed(text);
    const node = nodeOf(read);
    if (node !== undefined && taken.get(node) === shape) return read as Heartbeat; // checked: see above
    const checked = Heartbeat.safeParse(read);
    if (!checked.success) return undefined;
    names.add(checked.data.node);
    // What the schema adds to a text must be added to each.
    if (isDeepStrictEqual(checked.data, read)) taken.set(checked.data.node, shape);
    return checked.data;
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function nodeOf(read: unknown): string | undefined {
  const node = typeof read === "object" && read !== null && "node" in read ? read.node : undefined;
  return typeof node === "string" ? node : undefined;
}
