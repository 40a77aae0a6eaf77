/**
 * What an agent does about its own membership: take part, wind down and say goodbye, or keep out. Pure.
 * A removed node goes on until nothing is placed on it, so that what it carries can move first.
 */
import type { MemberStanding } from "./member-standing.ts";

export interface MembershipSeen {
  readonly standing: MemberStanding;
  /** The agent takes part: it beats, and carries out placements. */
  readonly takesPart: boolean;
  /** Its record stands in weft_nodes. */
  readonly recorded: boolean;
  /** A placement names this node, or something of one is still here. Asked of a removed node alone. */
  readonly carries: boolean;
  /** It was told to this agent already, so it is not told again. */
  readonly shut: boolean;
}

export interface MembershipStep {
  /** takePart; goodbye: end, cut the node off, remove its record; keepOut: end, take everything away, cut the node off. */
  readonly kind: "takePart" | "goodbye" | "keepOut";
  readonly why: string;
}

export function decideMembership(seen: MembershipSeen): MembershipStep[] {
  const { standing, takesPart, recorded, carries, shut } = seen;
  switch (standing.state) {
    case "member":
      return takesPart ? [] : [{ kind: "takePart", why: "this node is a member" }];
    case "removed":
      if (takesPart) return carries ? [] : [{ kind: "goodbye", why: standing.why }];
      // What was just removed may still be seen for a moment.
      if (shut) return [];
      return recorded
        ? [{ kind: "takePart", why: `${standing.why} It winds down.` }]
        : [{ kind: "keepOut", why: standing.why }];
    case "stranger":
      return shut && !takesPart ? [] : [{ kind: "keepOut", why: standing.why }];
  }
}
