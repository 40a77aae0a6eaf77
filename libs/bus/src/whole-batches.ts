/**
 * Changes in the groups in which they were committed: an atomic batch lies in the stream message by message (ADR-50), and whoever
 * decides on a part of one would decide on a world that nobody asked for. Reads the headers that the server keeps. Pure.
 */
import type { MsgHdrs } from "@nats-io/transport-node";

/** Where in a batch a message stands; undefined: it was written by itself. */
export interface BatchMark {
  readonly id: string;
  readonly last: boolean;
}

export function batchMark(headers: MsgHdrs | undefined): BatchMark | undefined {
  const id = headers?.get("Nats-Batch-Id") ?? "";
  return id === "" ? undefined : { id, last: headers?.has("Nats-Batch-Commit") === true };
}

/** Holds a batch back until its last message. One whose end does not come goes on with the next message that is not of it. */
export function wholeBatches<T>(handOn: (changes: readonly T[]) => void) {
  let held: T[] = [];
  let open: string | undefined;
  const release = () => {
    const changes = held;
    held = [];
    open = undefined;
    if (changes.length > 0) handOn(changes);
  };
  return (change: T, mark: BatchMark | undefined) => {
    if (open !== mark?.id) release();
    held.push(change);
    open = mark?.id;
    if (mark === undefined || mark.last) release();
  };
}
