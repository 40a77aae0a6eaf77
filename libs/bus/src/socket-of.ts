/**
 * The socket under a NATS connection, for what is sent so often that the client's own way costs too much. The client keeps it to
 * itself: where it does not lie where this version has it, there is none, and the caller goes the client's way.
 */
import net from "node:net";

const path = ["protocol", "transport", "socket"] as const;

/** Of the connection as it is now: asked anew each time, since it is another one after a reconnect. */
export function socketOf(nats: object): net.Socket | undefined {
  let at: unknown = nats;
  for (const name of path) at = typeof at === "object" && at !== null ? Reflect.get(at, name) : undefined;
  return at instanceof net.Socket && at.writable ? at : undefined;
}
