/**
 * What a NATS server sends, cut into frames: as much of its client protocol as nats-line.ts needs. Pure.
 * Source: docs.nats.io, "Client Protocol". A message without headers is `MSG <subject> <sid> [reply] <bytes>`, CR LF, its payload, CR LF.
 */

/** No INFO after the first is wanted. */
export const oldestProtocol = 0;

export type Frame =
  | { readonly kind: "message"; readonly subject: string; readonly text: string }
  | { readonly kind: "info" | "ping" | "other" }
  | { readonly kind: "error"; readonly text: string };

/** `rest` is the beginning of a frame that is not whole yet, a part of `data`. */
export function readFrames(data: Buffer): { readonly frames: Frame[]; readonly rest: Buffer } {
  const frames: Frame[] = [];
  let at = 0;
  for (let end = data.indexOf("\r\n"); end >= 0; end = data.indexOf("\r\n", at)) {
    const line = data.toString("latin1", at, end);
    const [word, subject = "", ...more] = line.split(" ");
    if (word === "MSG") {
      const bytes = Number(more.at(-1));
      const after = end + 2 + bytes + 2;
      if (!Number.isInteger(after) || after > data.length) break;
      frames.push({ kind: "message", subject, text: data.toString("utf8", end + 2, after - 2) });
      at = after;
    } else {
      frames.push(frameOf(line));
      at = end + 2;
    }
  }
  return { frames, rest: data.subarray(at) };
}

function frameOf(line: string): Frame {
  if (line === "PING") return { kind: "ping" };
  if (line.startsWith("INFO ")) return { kind: "info" };
  if (line.startsWith("-ERR")) return { kind: "error", text: line.slice("-ERR ".length) };
  return { kind: "other" };
}
