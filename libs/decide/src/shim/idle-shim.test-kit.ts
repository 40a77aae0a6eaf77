/** What is wanted of a shim whose shard takes part in no handoff, for tests that add to it what they are about. */
import type { MacPair, WantedShim } from "./wanted-shim.ts";

export function idleShim(own: MacPair): WantedShim {
  return {
    affinity: "client",
    own,
    routers: { in: "r", out: "r" },
    next: new Map(),
    prev: new Map(),
    lists: [],
    returning: new Set(),
    publish: [],
    arm: [],
    count: [],
    forget: [],
  };
}
