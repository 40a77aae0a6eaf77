export { WeftClient, isReady } from "./weft-client.ts";
export type { EventOptions, LogOptions, Thing, WatchEvent } from "./weft-client.ts";
export type { ExecSession } from "./exec-session.ts";
export type { Server } from "./transport.ts";
