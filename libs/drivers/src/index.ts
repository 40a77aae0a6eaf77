export type {
  Driver,
  DriverOptions,
  Ended,
  Ensured,
  ExecRequest,
  ExecSession,
  Holder,
  Identity,
  Instance,
  InstanceSpec,
  LogsRequest,
  Outcomes,
  OutputStream,
  Owned,
  Usage,
  WriteOutput,
} from "./port.ts";
export { boundLog } from "./bound-log.ts";
export { HostShell } from "./host-shell.ts";
export { labels } from "./labels.ts";
export type { Finished, RunCommand } from "./run.ts";
export { hostEnvironment, runOnHost } from "./run.ts";
export type { Process } from "./proc.ts";
export { isAlive, startTimeOf } from "./proc.ts";
export { createDockerDriver } from "./docker/driver.ts";
export { createNamespaceDriver } from "./namespace/driver.ts";
export { openProcess } from "./namespace/exec.ts";
