/**
 * A TCP socket read and written in this very turn of the event loop, by the file descriptor that Node keeps under it: at some ten messages
 * a second the way through streams costs more than what is done with them. A socket that is paused before it connects is watched by
 * nobody, so what comes wakes no process before it asks (one that is paused later does wake it, once each time: libuv forgets it lazily).
 */
import { readSync, writeSync } from "node:fs";
import type { Socket } from "node:net";

/** Bytes that were read; 0: the other end has closed it, or it broke; undefined: there is nothing to be read now. */
export function readNow(socket: Socket, into: Buffer): number | undefined {
  if (socket.destroyed) return 0;
  try {
    return readSync(fileOf(socket), into, 0, into.length, null);
  } catch (error) {
    return orBroken(error, undefined, 0);
  }
}

/**
 * `all` or `nothing` of it, which the kernel has no room for now; `broken`: so is the socket, or a part was written, after which
 * nothing else may be. Only where nothing waits in the socket's own stream.
 */
export function writeNow(socket: Socket, text: string): "all" | "nothing" | "broken" {
  if (socket.destroyed) return "broken";
  try {
    return writeSync(fileOf(socket), text) === Buffer.byteLength(text) ? "all" : "broken";
  } catch (error) {
    return orBroken(error, "nothing", "broken");
  }
}

/** Throws on a Node that keeps it elsewhere. */
function fileOf(socket: Socket): number {
  const handle: unknown = Reflect.get(socket, "_handle");
  const file: unknown = typeof handle === "object" && handle !== null ? Reflect.get(handle, "fd") : undefined;
  if (typeof file !== "number" || file < 0) throw new TypeError("This Node shows no file of a socket.");
  return file;
}

function orBroken<One, Other>(error: unknown, later: One, broken: Other): One | Other {
  if (!(error instanceof Error && "code" in error)) throw error;
  return error.code === "EAGAIN" ? later : broken;
}
