export { WeftClient, isDrained, isReady } from "./weft-client.ts";
export type { Changing, EventOptions, LogOptions, Named, Thing, WatchEvent } from "./client-types.ts";
export type { ExecSession } from "./exec-session.ts";
export type { Server } from "./transport.ts";
