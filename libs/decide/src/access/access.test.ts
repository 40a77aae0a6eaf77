/** Joining and removal as tables: who gets in, who is refused and why, what is cleared away. */
import type { AccessRecord, NodeRecord } from "@weft/schemas";
import { WeftError, joinTokenKey, nodeAccessKey, nodeHealthKey } from "@weft/schemas";
import { describe, expect, it } from "vitest";
import type { AccessSeen } from "./index.ts";
import { admitJoin, admitRemoval, decideFarewell, memberStanding } from "./index.ts";

const now = "2030-01-01T12:00:00.000Z";
const hash = "a".repeat(64);
const other = "b".repeat(64);

interface Mutable {
  access: Map<string, { value: AccessRecord; revision: number }>;
  nodes: Map<string, { value: NodeRecord; revision: number }>;
  health: Map<string, AccessSeen["health"] extends ReadonlyMap<string, infer V> ? V : never>;
  placements: Map<string, AccessSeen["placements"] extends ReadonlyMap<string, infer V> ? V : never>;
  realized: Map<string, AccessSeen["realized"] extends ReadonlyMap<string, infer V> ? V : never>;
}

function world(): Mutable {
  const none = { access: new Map(), nodes: new Map(), health: new Map() };
  return { ...none, placements: new Map(), realized: new Map() };
}

function withToken(seen: Mutable, more: Partial<Extract<AccessRecord, { kind: "joinToken" }>> = {}): Mutable {
  const value = {
    kind: "joinToken",
    id: "t1",
    hash,
    createdAt: "2030-01-01T11:00:00.000Z",
    expiresAt: "2030-01-01T13:00:00.000Z",
    ...more,
  } as const;
  seen.access.set(joinTokenKey("t1"), { value, revision: 7 });
  return seen;
}

function withNode(seen: Mutable, name: string, state: "ready" | "lost" = "ready"): Mutable {
  const value: NodeRecord = {
    name,
    address: "192.0.2.1",
    chassis: name,
    runtimes: ["namespace"],
    capacity: { cpu: 4, memory: 1e9 },
    datapath: "netdev",
    ovsVersion: "3.1",
    incarnation: "1",
    startedAt: now,
  };
  seen.nodes.set(name, { value, revision: 3 });
  const verdict = {
    kind: "node",
    name,
    state,
    incarnation: "1",
    reason: "",
    message: "",
    since: now,
  } as const;
  seen.health.set(nodeHealthKey(name), { value: verdict, revision: 4 });
  return seen;
}

function withAccess(seen: Mutable, node: string, more: { uid?: string; removedAt?: string }): Mutable {
  const { uid, removedAt } = more;
  const membership =
    uid === undefined ? {} : { membership: { uid, hash: other, address: "x", joinedAt: now } };
  const removed = removedAt === undefined ? {} : { removedAt };
  const value = { kind: "node" as const, node, ...membership, ...removed };
  seen.access.set(nodeAccessKey(node), { value, revision: 9 });
  return seen;
}

function withWorkload(seen: Mutable, node: string): Mutable {
  const value = {
    kind: "workload",
    tenant: "demo",
    name: "w",
    uid: "p1",
    intentUid: "i1",
    intentRevision: 1,
    generation: 1,
    node,
    runtime: "namespace",
    resources: {},
    interfaces: [],
    routes: [],
    leaving: true,
  } as const;
  seen.placements.set("demo.workload.w", { value: { ...value, interfaces: [], routes: [] }, revision: 5 });
  return seen;
}

const wish = {
  token: { id: "t1", hash },
  name: "host-1",
  address: "198.51.100.7",
  uid: "u1",
  credentialHash: other,
};

function refusalOf(run: () => unknown): [string, string] | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (!(error instanceof WeftError)) throw error;
    return [error.code, error.message];
  }
}

describe("a host joins", () => {
  it("uses the token up and is a member, by two writes under what was seen", () => {
    const writes = admitJoin(wish, withToken(world()), now);
    expect(writes).toMatchObject([
      { key: "_.token.t1", ifRevision: 7, record: { used: { at: now, node: "host-1" } } },
      { key: "_.node.host-1", ifRevision: 0, record: { membership: { uid: "u1", hash: other } } },
    ]);
  });

  it.each<[string, Mutable, string, RegExp]>([
    ["an unknown token", world(), "token-refused", /Nobody gave out/],
    ["a wrong secret", withToken(world(), { hash: other }), "token-refused", /Nobody gave out/],
    [
      "a used token",
      withToken(world(), { used: { at: now, node: "first" } }),
      "token-refused",
      /first joined with this token/,
    ],
    ["an expired token", withToken(world(), { expiresAt: now }), "token-refused", /expired at/],
    ["a token for another name", withToken(world(), { node: "host-2" }), "token-refused", /called host-2/],
    ["the name of a live node", withNode(withToken(world()), "host-1"), "name-taken", /is alive/],
    [
      "the name of a live node, by a token for it",
      withNode(withToken(world(), { node: "host-1" }), "host-1"),
      "name-taken",
      /is alive/,
    ],
    [
      "the name of a lost node, by any token",
      withNode(withToken(world()), "host-1", "lost"),
      "name-taken",
      /token for it alone/,
    ],
    [
      "the name of a removed node that is not gone",
      withNode(withAccess(withToken(world()), "host-1", { uid: "u0", removedAt: now }), "host-1"),
      "name-taken",
      /was removed/,
    ],
  ])("%s is refused", (_, seen, code, message) => {
    expect(refusalOf(() => admitJoin(wish, seen, now))).toEqual([code, expect.stringMatching(message)]);
  });

  it("an address that another node has is refused", () => {
    const seen = withNode(withToken(world()), "node-1");
    expect(refusalOf(() => admitJoin({ ...wish, address: "192.0.2.1" }, seen, now))?.[0]).toBe("name-taken");
  });

  it.each<[string, Mutable]>([
    ["lost, by a token for its name", withNode(withToken(world(), { node: "host-1" }), "host-1", "lost")],
    ["removed and gone", withAccess(withToken(world()), "host-1", { uid: "u0", removedAt: now })],
  ])("gets the name of a node that is %s", (_, seen) => {
    const [, member] = admitJoin(wish, seen, now);
    expect(member?.record).toMatchObject({ membership: { uid: "u1" } });
    expect(member?.record).not.toHaveProperty("removedAt");
  });
});

describe("a node is removed", () => {
  it("not while it is alive and carries something, unless forced", () => {
    const seen = withWorkload(withNode(world(), "node-1"), "node-1");
    expect(refusalOf(() => admitRemoval({ name: "node-1", force: false }, seen, now))?.[0]).toBe("in-use");
    expect(admitRemoval({ name: "node-1", force: true }, seen, now)).toMatchObject({
      write: { record: { removedAt: now } },
      carried: ["demo/workload/w"],
    });
  });

  it("at once when it is lost, or carries nothing", () => {
    const lost = withWorkload(withNode(world(), "node-1", "lost"), "node-1");
    expect(admitRemoval({ name: "node-1", force: false }, lost, now).write).toBeDefined();
    const idle = withNode(world(), "node-1");
    expect(admitRemoval({ name: "node-1", force: false }, idle, now).write).toBeDefined();
  });

  it("once: again writes nothing, and a stranger is not found", () => {
    const seen = withAccess(withNode(world(), "node-1"), "node-1", { removedAt: now });
    expect(admitRemoval({ name: "node-1", force: false }, seen, now).write).toBeUndefined();
    expect(refusalOf(() => admitRemoval({ name: "x", force: true }, seen, now))?.[0]).toBe("not-found");
  });
});

describe("what is left of who is gone", () => {
  const long = "2029-01-01T00:00:00.000Z";
  it("goes once the node is removed, silent, and named by no placement", () => {
    const seen = withAccess(withNode(world(), "node-1", "lost"), "node-1", { removedAt: now });
    expect(decideFarewell(seen, long)).toMatchObject([{ kind: "removeNode", key: "node-1", ifRevision: 3 }]);
    expect(decideFarewell(withWorkload(seen, "node-1"), long)).toEqual([]);
  });

  it("stays while the node is alive, or lost but not removed", () => {
    const alive = withAccess(withNode(world(), "node-1"), "node-1", { removedAt: now });
    expect(decideFarewell(alive, long)).toEqual([]);
    expect(decideFarewell(withNode(world(), "node-1", "lost"), long)).toEqual([]);
  });

  it("old tokens are forgotten, younger ones remembered", () => {
    const seen = withToken(world(), { expiresAt: "2029-12-31T00:00:00.000Z" });
    expect(decideFarewell(seen, "2029-12-31T12:00:00.000Z")).toMatchObject([{ kind: "forgetToken" }]);
    expect(decideFarewell(seen, "2029-12-30T12:00:00.000Z")).toEqual([]);
  });
});

describe("an agent asks who it is", () => {
  const member = (more: object) => withAccess(world(), "n", more).access.get(nodeAccessKey("n"))?.value;
  it.each<[string, string | undefined, AccessRecord | undefined, string]>([
    ["a lab's node", undefined, undefined, "member"],
    ["a member", "u1", member({ uid: "u1" }), "member"],
    ["a removed member", "u1", member({ uid: "u1", removedAt: now }), "removed"],
    ["a lab's node that was removed", undefined, member({ removedAt: now }), "removed"],
    ["a member whose name was given anew", "u1", member({ uid: "u2" }), "stranger"],
    ["a lab's node whose name a host has", undefined, member({ uid: "u2" }), "stranger"],
    ["a member that nobody knows", "u1", undefined, "stranger"],
  ])("%s", (_, uid, record, state) => {
    expect(memberStanding("n", uid, record).state).toBe(state);
  });
});
