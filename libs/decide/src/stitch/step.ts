/**
 * Steps of the stitcher. Those on the network go to OVN in one transaction, made by libs/ovn; the others are one
 * compare-and-set write each. Parents are named by UUID where they are there, else by name: they come in the same round.
 */
import type { SlotsRecord, StitchedRecord } from "@weft/schemas";
import type { LogicalRouter, LogicalSwitch, RouterPolicy, RouterPort, SwitchPort } from "./network.ts";

interface Reasoned<Kind extends string> {
  readonly kind: Kind;
  readonly why: string;
}
interface Create<Kind extends string, Row> extends Reasoned<Kind> {
  readonly row: Row;
  /** UUID of the row that shall hold it; undefined when that row is made in the same round, or when none holds it. */
  readonly parentId?: string;
}
interface Change<Kind extends string, Row> extends Reasoned<Kind> {
  readonly id: string;
  readonly row: Row;
}
interface Delete<Kind extends string> extends Reasoned<Kind> {
  readonly id: string;
  readonly key: string;
  readonly parentId?: string;
}

export type CreateSwitch = Create<"createSwitch", LogicalSwitch>;
export type DeleteSwitch = Delete<"deleteSwitch">;
export type CreateSwitchPort = Create<"createSwitchPort", SwitchPort>;
export type ChangeSwitchPort = Change<"changeSwitchPort", SwitchPort>;
export type DeleteSwitchPort = Delete<"deleteSwitchPort">;
export type CreateRouter = Create<"createRouter", LogicalRouter>;
export type DeleteRouter = Delete<"deleteRouter">;
export type CreateRouterPort = Create<"createRouterPort", RouterPort>;
export type ChangeRouterPort = Change<"changeRouterPort", RouterPort>;
export type DeleteRouterPort = Delete<"deleteRouterPort">;
export type CreatePolicy = Create<"createPolicy", RouterPolicy>;
export type ChangePolicy = Change<"changePolicy", RouterPolicy>;
export type DeletePolicy = Delete<"deletePolicy">;

export type NetworkStep =
  | CreateSwitch
  | DeleteSwitch
  | CreateSwitchPort
  | ChangeSwitchPort
  | DeleteSwitchPort
  | CreateRouter
  | DeleteRouter
  | CreateRouterPort
  | ChangeRouterPort
  | DeleteRouterPort
  | CreatePolicy
  | ChangePolicy
  | DeletePolicy;

interface Write<Kind extends string> extends Reasoned<Kind> {
  readonly key: string;
  /** Revision that it was decided from; 0: no record was there. */
  readonly ifRevision: number;
}
export interface PutSlots extends Write<"putSlots"> {
  readonly record: SlotsRecord;
}
export type RemoveSlots = Write<"removeSlots">;
export interface PutStitched extends Write<"putStitched"> {
  readonly record: StitchedRecord;
}
export type RemoveStitched = Write<"removeStitched">;
export type RecordStep = PutSlots | RemoveSlots | PutStitched | RemoveStitched;

export type StitchStep = NetworkStep | RecordStep;

const recordKinds: ReadonlySet<StitchStep["kind"]> = new Set<RecordStep["kind"]>([
  "putSlots",
  "removeSlots",
  "putStitched",
  "removeStitched",
]);

export function isNetworkStep(step: StitchStep): step is NetworkStep {
  return !recordKinds.has(step.kind);
}
