/** What follows from a removal, as tables: the agent's steps, and the chassis that go. */
import type { AccessRecord, InstancePlacement, NodeRecord } from "@weft/schemas";
import { nodeAccessKey, nodeHealthKey } from "@weft/schemas";
import { describe, expect, it } from "vitest";
import type { ChassisSeen, MembershipSeen } from "./index.ts";
import { decideChassis, decideMembership } from "./index.ts";

const member: MembershipSeen = {
  standing: { state: "member" },
  takesPart: true,
  recorded: true,
  carries: false,
  shut: false,
};
const removed = { state: "removed", why: "it was removed" } as const;
const stranger = { state: "stranger", why: "another has its name" } as const;

describe("an agent looks at its membership", () => {
  it.each<[string, Partial<MembershipSeen>, string[]]>([
    ["a member that takes part goes on", {}, []],
    ["a member that does not, begins", { takesPart: false }, ["takePart"]],
    ["a member that was kept out, begins again", { takesPart: false, shut: true }, ["takePart"]],
    ["a removed one goes on while it carries something", { standing: removed, carries: true }, []],
    ["a removed one that carries nothing says goodbye", { standing: removed }, ["goodbye"]],
    [
      "a removed one that starts anew winds down while its record stands",
      { standing: removed, takesPart: false },
      ["takePart"],
    ],
    [
      "a removed one whose record is gone keeps out",
      { standing: removed, takesPart: false, recorded: false },
      ["keepOut"],
    ],
    [
      "one that said goodbye does nothing more, also while its record is still seen",
      { standing: removed, takesPart: false, shut: true },
      [],
    ],
    ["a stranger ends, whatever it carries", { standing: stranger, carries: true }, ["keepOut"]],
    ["a stranger that ended does nothing more", { standing: stranger, takesPart: false, shut: true }, []],
  ])("%s", (_, change, kinds) => {
    expect(decideMembership({ ...member, ...change }).map(({ kind }) => kind)).toEqual(kinds);
  });
});

const at = "2030-01-01T00:00:00.000Z";
const nowMs = 1_000_000;

interface World {
  readonly removedAt?: string;
  readonly health?: "ready" | "lost";
  readonly node?: boolean;
  readonly placed?: boolean;
  readonly deletedAgoMs?: number;
  readonly chassis?: readonly string[];
}

/** A removed, lost node `host` whose chassis is there, unless told otherwise. */
function seenOf(world: World): ChassisSeen {
  const { removedAt = at, health = "lost", node = true, placed = false, deletedAgoMs } = world;
  const access: AccessRecord = { kind: "node", node: "host", chassis: "host", removedAt };
  const record = { name: "host", chassis: "host" } as NodeRecord; // the decision reads no more
  const verdict = { kind: "node", name: "host", state: health, incarnation: "1" } as const;
  const placement = { kind: "shard", node: "host" } as InstancePlacement; // likewise
  const one = <T>(key: string, value: T) => new Map([[key, { value, revision: 1 }]]);
  return {
    access: one(nodeAccessKey("host"), access),
    nodes: node ? one("host", record) : new Map(),
    health: one(nodeHealthKey("host"), { ...verdict, reason: "", message: "", since: at }),
    placements: placed ? one("demo.shard.fw-0", placement) : new Map(),
    chassis: new Set(world.chassis ?? ["host", "node-1"]),
    deletedAtMs: deletedAgoMs === undefined ? new Map() : new Map([[`host ${at}`, nowMs - deletedAgoMs]]),
  };
}

describe("the chassis of a removed node", () => {
  it.each<[string, World, string[]]>([
    ["goes when the node is lost", {}, ["host"]],
    ["goes when the node said goodbye", { node: false, health: "ready" }, ["host"]],
    ["stays while the node is alive", { health: "ready" }, []],
    ["stays while a placement names the node", { placed: true }, []],
    ["is not deleted where there is none", { chassis: ["node-1"] }, []],
    ["is not deleted again at once, when an ovn-controller makes it anew", { deletedAgoMs: 59_000 }, []],
    ["is deleted again after a minute", { deletedAgoMs: 60_000 }, ["host"]],
    [
      "is deleted at once after another removal",
      { deletedAgoMs: 10, removedAt: "2030-01-01T00:00:01.000Z" },
      ["host"],
    ],
  ])("%s", (_, world, gone) => {
    expect(decideChassis(seenOf(world), nowMs).map(({ chassis }) => chassis)).toEqual(gone);
  });

  it("stays while the node is a member", () => {
    const seen = seenOf({});
    const access: AccessRecord = { kind: "node", node: "host", chassis: "host" };
    const members = new Map([[nodeAccessKey("host"), { value: access, revision: 1 }]]);
    expect(decideChassis({ ...seen, access: members }, nowMs)).toEqual([]);
  });
});
