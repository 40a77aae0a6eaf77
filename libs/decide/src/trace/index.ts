export { traceFlow } from "./trace-flow.ts";
