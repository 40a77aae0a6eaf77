/**
 * Lets the agent take part while its node is a member, and ends it when the node was removed or its name given to another host.
 * Reads the node's record in weft_access; removes the node's record in weft_nodes. Decides nothing (libs/decide, access).
 * The process stays: it says in its log why it does nothing, and takes part again when the node is let in again.
 */
import { guardBuckets } from "@weft/bus";
import { decideMembership, memberStanding } from "@weft/decide";
import type { MembershipSeen, MembershipStep } from "@weft/decide";
import { reconcileLoop } from "@weft/runtime";
import type { Service } from "@weft/runtime";
import { isInstance, nodeAccessKey } from "@weft/schemas";
import type { AgentConfig } from "./config.ts";
import type { AgentPorts } from "./ports.ts";
import type { Agent } from "./service.ts";
import { StoreMemory } from "./store-memory.ts";

type Executors = { readonly [K in MembershipStep["kind"]]: () => Promise<void> };

/** `make` gives a fresh agent each time, since one that was stopped is not started again. */
export function whileMember(config: AgentConfig, ports: AgentPorts, make: () => Agent): Service {
  const { node, membership } = config;
  const { views, bus, fabric, clock, log } = ports;
  const memory = new StoreMemory(config.stateDir);
  const guard = guardBuckets(bus.lineage, ["access"], log);
  let agent: Agent | undefined;
  let shut = false;
  const end = async () => {
    await agent?.stop();
    agent = undefined;
  };
  const executors: Executors = {
    takePart: async () => {
      const fresh = make();
      agent = fresh;
      shut = false;
      await fresh.start().catch(async (cause: unknown) => {
        await end();
        throw cause;
      });
    },
    goodbye: async () => {
      await end();
      await fabric.leave();
      await bus.remove("nodes", node);
      shut = true;
    },
    keepOut: async () => {
      await end();
      await make().clear();
      await fabric.leave();
      shut = true;
    },
  };
  const loop = reconcileLoop({
    name: "membership",
    clock,
    log,
    wake: [
      bus.lineage.changed,
      views.access.changed,
      views.placements.changed,
      views.realized.changed,
      fabric.changed,
    ],
    observe: (): MembershipSeen | undefined => {
      const standing = memberStanding(node, membership, views.access.get(nodeAccessKey(node))?.value);
      const known = guard.mayAct() && !memory.isStrange("access", views.access.store);
      // A store that came back empty knows no member: that is no reason to take down what runs here.
      if (standing.state !== "member" && !known) return undefined;
      return {
        standing,
        takesPart: agent !== undefined,
        recorded: views.nodes.get(node) !== undefined,
        // Looked at only where it matters: this runs with every change of any record.
        carries: standing.state === "removed" && (agent?.holdsAnything() === true || isNamed(node, ports)),
        shut,
      };
    },
    decide: (seen) => decideMembership(seen),
    execute: async (steps) => {
      for (const { kind, why } of steps) {
        if (kind === "takePart") log.info({ step: kind, why }, "step");
        else log.warn({ step: kind, why }, "this node takes part no more");
        await executors[kind]();
      }
    },
  });
  return {
    name: loop.name,
    start: () => loop.start(),
    stop: async () => {
      await loop.stop();
      await agent?.stop();
    },
  };
}

function isNamed(node: string, { views }: AgentPorts): boolean {
  const placed = [...views.placements.entries().values()];
  if (placed.some(({ value }) => isInstance(value) && value.node === node)) return true;
  const told = [...views.realized.entries().values()];
  return told.some(({ value }) => value.node === node);
}
