export { IntentConfig } from "./config.ts";
export { intentRequests } from "./intent-requests.ts";
export type { IntentRequests } from "./intent-requests.ts";
export type { Functions, IntentPorts, IntentStore, StoredIntent } from "./ports.ts";
export { createIntentService } from "./service.ts";
