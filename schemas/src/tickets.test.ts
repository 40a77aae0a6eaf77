/** Tickets as texts: what is read is what was written, and nothing else is taken for one. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseTicket, ticketText } from "./tickets.ts";

const secret = "a".repeat(43);

describe("a ticket", () => {
  it("is read as it was written", () => {
    const id = fc.stringMatching(/^[a-z0-9]{1,12}$/);
    const any = fc.stringMatching(/^[A-Za-z0-9_-]{22,128}$/);
    fc.assert(
      fc.property(fc.constantFrom("join", "node"), id, any, (kind, name, hidden) => {
        const ticket = { kind, id: name, secret: hidden } as const;
        expect(parseTicket(kind, ` ${ticketText(ticket)}\n`)).toEqual(ticket);
      }),
    );
  });

  it.each([
    ["of the other kind", `weft-node.a.${secret}`],
    ["without an id", `weft-join..${secret}`],
    ["with a secret of less than 128 bits", `weft-join.a.${"a".repeat(21)}`],
    ["with more behind it", `weft-join.a.${secret}.b`],
    ["of nothing", ""],
  ])("%s is none", (_, text) => {
    expect(parseTicket("join", text)).toBeUndefined();
  });
});
