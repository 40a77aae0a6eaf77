/**
 * Steps on the network → operations of one transaction. One executor for each kind: a step without one does not compile.
 * Deletions come first, as decide orders them, so that a name can be used again in the same transaction.
 */
import type { NetworkStep } from "@weft/decide";
import type { Operation } from "@weft/ovsdb/notation";
import { changePolicy, createPolicy, deletePolicy } from "./logical-router-policy.ts";
import { changeRouterPort, createRouterPort, deleteRouterPort } from "./logical-router-port.ts";
import { createRouter, deleteRouter } from "./logical-router.ts";
import { changeSwitchPort, createSwitchPort, deleteSwitchPort } from "./logical-switch-port.ts";
import { createSwitch, deleteSwitch } from "./logical-switch.ts";

type StepOf<Kind extends NetworkStep["kind"]> = Extract<NetworkStep, { kind: Kind }>;
type Executors = { readonly [Kind in NetworkStep["kind"]]: (step: StepOf<Kind>) => Operation[] };

const executors: Executors = {
  createSwitch,
  deleteSwitch,
  createSwitchPort,
  changeSwitchPort,
  deleteSwitchPort,
  createRouter,
  deleteRouter,
  createRouterPort,
  changeRouterPort,
  deleteRouterPort,
  createPolicy,
  changePolicy,
  deletePolicy,
};

export function toOperations(steps: readonly NetworkStep[]): Operation[] {
  return steps.flatMap((step) => operationsOf(step));
}

function operationsOf<Kind extends NetworkStep["kind"]>(step: StepOf<Kind>): Operation[] {
  const executor: (step: StepOf<Kind>) => Operation[] = executors[step.kind];
  return executor(step);
}
