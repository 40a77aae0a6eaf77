export type { BatchWrite, Bus } from "./bus.ts";
export { connectBus } from "./bus.ts";
export type { Entry } from "./follow-bucket.ts";
export type { Change, ToEvents } from "./follow-events.ts";
export type { HearOptions, Line } from "./lines.ts";
export type { Handler, Listener } from "./messages.ts";
export { ServiceLogs, serveLogs } from "./serve-logs.ts";
export type { View } from "./view.ts";
export { maxBatch } from "./write.ts";
