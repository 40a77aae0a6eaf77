import { describe, expect, it } from "vitest";
import type { Uuid } from "../notation/uuid.ts";
import type { ServedDatabase } from "./server-fitness.ts";
import { unfitness } from "./server-fitness.ts";

const cid = "00000000-0000-4000-8000-00000000000c" as Uuid;
const other = "00000000-0000-4000-8000-00000000000d" as Uuid;
const clustered: ServedDatabase = {
  name: "OVN_Northbound",
  model: "clustered",
  connected: true,
  leader: true,
  cid,
  index: 7,
};
const wanted = { leaderOnly: true, seen: new Map([[cid, 7]]) };

describe("a server's fitness", () => {
  it.each<[string, Partial<ServedDatabase>, string | undefined]>([
    ["the leader that is up to date", {}, undefined],
    ["a follower", { leader: false }, "does not lead"],
    ["one that is cut off", { connected: false }, "cut off from its cluster"],
    ["one that lags behind", { index: 6 }, "older data"],
    ["one of another cluster, whose log is its own", { index: 6, cid: other }, undefined],
    ["one whose log was not asked for", { index: undefined }, undefined],
    ["a server that stands alone", { model: "standalone", leader: true, cid: undefined }, undefined],
    ["a relay, which never leads", { model: "relay", leader: false }, undefined],
    ["a relay without its source", { model: "relay", connected: false }, "cut off from its source"],
    ["its own books", { name: "_Server", connected: false }, undefined],
  ])("is judged by the C library's rules: %s", (_, row, complaint) => {
    const found = unfitness([{ ...clustered, ...row }], wanted);
    expect(found === undefined ? undefined : complaint && found.includes(complaint)).toBe(
      complaint === undefined ? undefined : true,
    );
  });

  it("does not ask for the lead unless told to", () => {
    expect(unfitness([{ ...clustered, leader: false }], { ...wanted, leaderOnly: false })).toBeUndefined();
  });
});
