/** What `conntrack` prints of events and listings, read; and what it loads, written. Pure. */
import type { FlowMemory, TrackedMarks } from "@weft/functions";
import { WeftError, TrackedState } from "@weft/schemas";
import type { Flow, TrackedFlow } from "@weft/schemas";

const entry =
  /^(?: *\[(NEW|UPDATE|DESTROY)\] +)?(?:tcp|udp) +(6|17) (?:\d+ )?(?:([A-Z_]+\d?) )?src=(\S+) dst=(\S+) sport=(\d+) dport=(\d+) (\[UNREPLIED\] )?src=(\S+) dst=(\S+) sport=(\d+) dport=(\d+)(?:.* mark=(\d+))?/;

/** Of one entry of the kernel's table: it is so now. */
export interface Seen {
  /** Source first: an event of an end tells no mark. */
  readonly key: string;
  /** Undefined: gone, or nothing that anybody could go on with. */
  readonly tracked: TrackedFlow | undefined;
}

/** Undefined for what is no line about a connection. */
export function seenIn(line: string, marks: TrackedMarks): Seen | undefined {
  const [all, event, protocol, state, source = "", target = "", ...rest] = entry.exec(line) ?? [];
  if (all === undefined) return undefined;
  const [sourcePort, targetPort, unreplied, backFrom, backTo, , , mark] = rest;
  const key = [source, target, protocol, sourcePort, targetPort].join(" ");
  const openedBy = opener(Number(mark), marks);
  const reached = protocol === "6" ? TrackedState.safeParse(state).data : replied(unreplied);
  const rewritten = backFrom !== target || backTo !== source;
  if (event === "DESTROY" || openedBy === undefined || reached === undefined || rewritten)
    return { key, tracked: undefined };
  const ends: Flow = [source, target, Number(protocol), Number(sourcePort), Number(targetPort)];
  return { key, tracked: { flow: openedBy === "client" ? ends : turned(ends), openedBy, state: reached } };
}

function opener(mark: number, marks: TrackedMarks): TrackedFlow["openedBy"] | undefined {
  if (mark === marks.client) return "client";
  return mark === marks.server ? "server" : undefined;
}

/** The first datagram of a flow that nobody has replied to opens it anew anywhere. */
function replied(unreplied: string | undefined): TrackedState | undefined {
  return unreplied === undefined ? "REPLIED" : undefined;
}

function turned([client, server, protocol, clientPort, serverPort]: Flow): Flow {
  return [server, client, protocol, serverPort, clientPort];
}

/** Seconds that the kernel remembers a flow for if no packet of it comes: the next one has it begin anew. */
export function secondsOf(state: TrackedState, seconds: FlowMemory["seconds"]): number {
  switch (state) {
    case "ESTABLISHED":
      return seconds.established;
    case "REPLIED":
      return seconds.datagrams;
    case "SYN_RECV":
    case "FIN_WAIT":
    case "CLOSE_WAIT":
    case "LAST_ACK":
      return seconds.closing;
  }
}

/**
 * For `conntrack --load-file`: entries that are there stay. Without a word of windows it takes those of the next packets, and is liberal
 * with them.
 */
export function loadText(
  flows: readonly TrackedFlow[],
  { tracked: marks, seconds }: { readonly tracked: TrackedMarks; readonly seconds: FlowMemory["seconds"] },
): string {
  return flows
    .map(({ flow, openedBy, state }) => {
      const [source, target, protocol, sourcePort, targetPort] = openedBy === "client" ? flow : turned(flow);
      const status = state === "SYN_RECV" ? "SEEN_REPLY" : "SEEN_REPLY,ASSURED";
      const ends = `-s ${address(source)} -d ${address(target)}`;
      const ports = `--sport ${sourcePort} --dport ${targetPort}`;
      const kind = protocol === 6 ? `-p tcp ${ports} --state ${state}` : `-p udp ${ports}`;
      return `-A -t ${secondsOf(state, seconds)} -u ${status} ${ends} ${kind} -m ${marks[openedBy]}\n`;
    })
    .join("");
}

/** Flows come over the bus: nothing but addresses may get into the text. */
function address(text: string): string {
  if (!/^[0-9a-f.:]+$/.test(text)) throw new WeftError("internal", `not an address: ${text}.`);
  return text;
}
