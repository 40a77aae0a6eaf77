/**
 * main.ts of a service in one call: read the configuration, build, start, run until a signal, stop, leave with a code.
 * Reads the environment and signals; writes the log. Exit codes: 0 stopped as asked, 1 failed, 2 bad configuration.
 * What the service does is left to `build`.
 */
import { flushCompileCache } from "node:module";
import { setFlagsFromString } from "node:v8";
import type { z } from "zod";
import type { Clock } from "./clock.ts";
import { pause, systemClock } from "./clock.ts";
import type { Log } from "./log.ts";
import { createLog } from "./log.ts";
import type { RuntimeConfig } from "./read-config.ts";
import { ConfigError, readConfig } from "./read-config.ts";
import { serveMetrics } from "./serve-metrics.ts";
import type { Service } from "./service.ts";
import { composeServices } from "./service.ts";

const stopWithinMs = 15_000;

export interface ServiceContext {
  readonly log: Log;
  readonly clock: Clock;
  /** `host:port` of this process's /metrics and /healthz, to be told to those who scrape; undefined: it serves none. */
  readonly metricsAt?: string | undefined;
}

export interface RunOptions<C> {
  readonly name: string;
  readonly config: z.ZodType<C>;
  build(config: C, context: ServiceContext): Promise<Service>;
}

/** What a service leaves behind is little: to wake four threads for each collection of it costs more than they save. */
const collectAlone = "--no-parallel-scavenge";

export async function runService<C>(o: RunOptions<C>): Promise<void> {
  setFlagsFromString(collectAlone);
  const read = readOrExit(o);
  const log = createLog(o.name, read.runtime.logLevel);
  const clock = systemClock();
  const ended = whatEndsIt(log);
  let service: Service | undefined;
  const started = (async () => {
    const built = await o.build(read.config, { log, clock, metricsAt: metricsAt(read.runtime) });
    service = withMetrics(built, read.runtime, log);
    await service.start();
    log.info("started");
    // Where one is kept. Left to its end, nothing would be of a process that is killed.
    flushCompileCache();
  })();
  const failedStart = started.then(
    () => new Promise<never>(() => {}),
    (error: unknown) => {
      log.fatal({ err: error }, "the start failed");
      return 1;
    },
  );
  const code = await Promise.race([ended, failedStart]);
  process.exit((await stop(service, log, clock)) ? code : 1);
}

function readOrExit<C>(o: RunOptions<C>): { readonly config: C; readonly runtime: RuntimeConfig } {
  try {
    return readConfig(o.config, process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    createLog(o.name).fatal({ faults: error.faults }, "the configuration is not valid");
    process.stderr.write(`${o.name}: ${error.message}\n`);
    process.exit(2);
  }
}

function metricsAt({ metricsHost: host, metricsPort: port }: RuntimeConfig): string | undefined {
  if (port === undefined) return undefined;
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** Metrics can be read from the beginning; /healthz says 503 until the service has started. */
function withMetrics(service: Service, { metricsHost, metricsPort }: RuntimeConfig, log: Log): Service {
  if (metricsPort === undefined) return service;
  let started = false;
  const marked: Service = {
    name: service.name,
    stop: () => service.stop(),
    start: async () => {
      await service.start();
      started = true;
    },
  };
  return composeServices(service.name, [
    serveMetrics({ host: metricsHost, port: metricsPort, log, healthy: () => started }),
    marked,
  ]);
}

/** Resolves with the exit code at the first signal or the first error that nobody caught; a second signal ends at once. */
function whatEndsIt(log: Log): Promise<number> {
  return new Promise((resolve) => {
    let asked = false;
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const)
      process.on(signal, () => {
        if (asked) process.exit(1);
        asked = true;
        log.info({ signal }, "asked to stop");
        resolve(0);
      });
    for (const event of ["uncaughtException", "unhandledRejection"] as const)
      process.on(event, (error: unknown) => {
        log.fatal({ err: error }, event);
        resolve(1);
      });
  });
}

/** False when stopping failed or took too long. */
async function stop(service: Service | undefined, log: Log, clock: Clock): Promise<boolean> {
  const stopped = (async () => {
    await service?.stop();
    log.info("stopped");
    return true;
  })().catch((error: unknown) => {
    log.error({ err: error }, "the stop failed");
    return false;
  });
  const late = pause(clock, stopWithinMs).then(() => {
    log.error({ stopWithinMs }, "the stop took too long");
    return false;
  });
  return Promise.race([stopped, late]);
}
