export type { EligibleShard, Owners } from "./assign-slots.ts";
export { assignSlots } from "./assign-slots.ts";
export type { SlotMask } from "./masks-of.ts";
export { masksOf } from "./masks-of.ts";
export type { Handoff } from "./handoffs.ts";
export { isArming, isHeldBySlots, isInFlight, receiversOf } from "./handoffs.ts";
