export { functions } from "./catalogue.ts";
export { configText, functionOf, renderedConfig } from "./placed-function.ts";
export { checkFunctionConfig } from "./check-function-config.ts";
export type {
  Command,
  Count,
  FlowMemory,
  NetworkFunction,
  RenderContext,
  RenderedConfig,
  Sysctls,
  TrackedMarks,
} from "./network-function.ts";
export { FirewallConfig } from "./firewall/config.ts";
