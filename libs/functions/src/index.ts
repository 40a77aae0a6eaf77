export { functions } from "./catalogue.ts";
export { configText, functionOf, renderedConfig } from "./placed-function.ts";
export { checkFunctionConfig } from "./check-function-config.ts";
export type {
  Command,
  Count,
  NetworkFunction,
  RenderContext,
  RenderedConfig,
  Sysctls,
} from "./network-function.ts";
export { FirewallConfig } from "./firewall/config.ts";
