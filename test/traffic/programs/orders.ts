/**
 * What a test and an endpoint say to each other: one JSON object a line, each order answered by one line.
 * A window is a stretch of the run, by number: each datagram carries the window that it was sent in, so what is lost in one is what
 * was sent in it and never came, also where sender and receiver are two programs. Window 0 is the time before the first order.
 */

export interface OpenOrder {
  readonly op: "open";
  /** What the flows are reported under. */
  readonly group: string;
  /**
   * `tcp`: connections that speak each `everyMs`, or only when told to (`everyMs: 0`). `churn`: one after the other, each a few
   * messages long. `udp`: asked and answered. `push`: datagrams that the other side sends on its own. `refused`: datagrams to a port
   * where nobody listens, each to be answered by an ICMP error.
   */
  readonly kind: "tcp" | "churn" | "udp" | "push" | "refused";
  /** Own addresses to use, in turn. */
  readonly from: readonly string[];
  readonly to: readonly { readonly host: string; readonly port: number }[];
  readonly count: number;
  readonly everyMs: number;
  readonly bytes: number;
  /** Of what comes back; as many as `bytes` unless given. */
  readonly answerBytes?: number;
  /** A message that is not answered for so long has broken its connection; one that is not open by then does not open. */
  readonly stallMs?: number;
}

export type Order =
  | OpenOrder
  | { readonly op: "listen"; readonly addresses: readonly string[]; readonly port: number }
  | { readonly op: "window"; readonly window: number }
  /** One message on each connection of the group; answered when all of them were, or broke. */
  | { readonly op: "speak"; readonly group: string; readonly answerBytes?: number }
  /** No new messages; those under way still count. */
  | { readonly op: "quiet" }
  | { readonly op: "report" }
  /** The flows of that group; without one all flows, and nobody listens any more. */
  | { readonly op: "close"; readonly group?: string };

export interface Breakage {
  readonly reason: string;
  readonly window: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly from: string;
}

/** Lists have an entry for each window. */
export interface GroupReport {
  readonly group: string;
  readonly kind: OpenOrder["kind"] | "served";
  readonly opened: number;
  readonly notOpened: number;
  readonly broken: number;
  /** The first of those that broke or did not open. */
  readonly breakages: readonly Breakage[];
  /** Messages with a wrong byte, a wrong number or of another flow. */
  readonly wrong: number;
  readonly sent: readonly number[];
  readonly received: readonly number[];
  readonly doubled: number;
  readonly reordered: number;
  /** From a message to its answer, and of datagrams the longest run of lost ones, as time. */
  readonly worstGapMs: readonly number[];
  /** Runs of lost datagrams by how long they lasted. */
  readonly outages: Readonly<Record<string, number>>;
}

/** `at` tells when the order was done, in milliseconds since the epoch. */
export interface Answer {
  readonly at: number;
  readonly failed?: string;
  readonly groups?: readonly GroupReport[];
}
