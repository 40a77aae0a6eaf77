/**
 * Tickets: what a host shows to be let in. `weft-join.<id>.<secret>` is a join token, `weft-node.<name>.<secret>` the
 * credential that a node got for it. The id finds the record, the secret is compared by its hash. Pure.
 */
const kinds = ["join", "node"] as const;
export type TicketKind = (typeof kinds)[number];

export interface Ticket {
  readonly kind: TicketKind;
  readonly id: string;
  readonly secret: string;
}

/** At least 128 bits in base64url. */
const form = /^weft-(join|node)\.([a-z0-9](?:[a-z0-9-]*[a-z0-9])?)\.([A-Za-z0-9_-]{22,128})$/;

export function ticketText({ kind, id, secret }: Ticket): string {
  return `weft-${kind}.${id}.${secret}`;
}

/** Undefined for what is no ticket of this kind. */
export function parseTicket(kind: TicketKind, text: string): Ticket | undefined {
  const [, given, id, secret] = form.exec(text.trim()) ?? [];
  if (given !== kind || id === undefined || secret === undefined) return undefined;
  return { kind, id, secret };
}
