/**
 * Takes requests for sessions with what runs on this node: exec and logs. No record changes by one.
 * Reads the placements to find what is meant; refuses what is not here, before anything is started.
 */
import { SessionRequest, WeftError, isInstance, recordKey, sessionSubject } from "@weft/schemas";
import type { AgentPorts } from "../ports.ts";
import { openSession } from "./session.ts";
import type { EndSession } from "./session.ts";

const stopping = "The agent stops.";
const busLost = "The bus was lost meanwhile, and what was on its way with it.";

export interface SessionServer {
  /** Ends all sessions, and tells their clients, who would wait for ever. */
  close(): void;
}

export function serveSessions(node: string, ports: AgentPorts): SessionServer {
  const open = new Map<string, EndSession>();
  let closed = false;
  const answer = ports.bus.respond(sessionSubject(node), async (data) => {
    const request = SessionRequest.safeParse(data);
    if (!request.success) throw new WeftError("invalid-request", request.error.issues[0]?.message ?? "");
    const { id } = request.data;
    if (open.has(id)) throw new WeftError("conflict", "This session is open already.");
    const { driver, placement } = targetOf(request.data, node, ports);
    const context = { connection: ports.bus.connection, driver, placement, log: ports.log };
    let over = false;
    const end = await openSession(request.data, context, () => {
      over = true;
      open.delete(id);
    });
    if (closed) end(stopping);
    else if (!over) open.set(id, end);
    return { accepted: true };
  });
  const unfollow = ports.bus.reconnected.subscribe(() => {
    for (const end of open.values()) end(busLost);
  });
  return {
    close() {
      closed = true;
      unfollow();
      answer[Symbol.dispose]();
      for (const end of open.values()) end(stopping);
    },
  };
}

function targetOf({ kind, tenant, name }: SessionRequest, node: string, { views, drivers }: AgentPorts) {
  const placement = views.placements.get(recordKey(kind, tenant, name))?.value;
  if (placement === undefined || !isInstance(placement) || placement.node !== node)
    throw new WeftError("not-found", `The ${kind} ${tenant}/${name} is not on ${node}.`);
  const driver = drivers.get(placement.runtime);
  if (driver === undefined)
    throw new WeftError("unsupported", `${node} has no runtime ${placement.runtime}.`);
  return { driver, placement: placement.uid };
}
