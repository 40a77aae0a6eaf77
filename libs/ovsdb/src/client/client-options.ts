/**
 * The client's options with their units and defaults.
 * Reads what the caller gave, returns every setting.
 * Reading configuration files is left to the services.
 */
import type { Backoff } from "./backoff.ts";
import type { MonitorMethod } from "./monitor.ts";
import { monitorMethods } from "./monitor.ts";
import type { Remote } from "./remote.ts";
import { parseRemotes } from "./remote.ts";

export interface ClientOptions {
  /** `unix:/path` or `tcp:host:port`; several, separated by commas, are tried in turn. */
  readonly remote: string;
  /** How long `connect` tries before it gives up, and the bound of each single attempt. Default 10,000. */
  readonly connectTimeoutMs?: number;
  /** After this long without a byte the server is asked for an echo, after twice as long it is taken for dead. Default 5,000; 0: never. */
  readonly probeIntervalMs?: number;
  /** Waits between attempts. Default 100 to 8,000. */
  readonly backoff?: Backoff;
  /** A longer message ends the connection. Default 512 MiB. */
  readonly maxMessageBytes?: number;
  /** Monitor methods to try, in order. Default: monitor_cond_since, monitor_cond, monitor. */
  readonly monitorMethods?: readonly MonitorMethod[];
  /** The jitter's source, in [0, 1). Default Math.random. */
  readonly random?: () => number;
}

export type ClientSettings = Required<Omit<ClientOptions, "remote">> & {
  readonly remotes: readonly Remote[];
};

export function settingsOf(options: ClientOptions): ClientSettings {
  const { remote, ...given } = options;
  return {
    connectTimeoutMs: 10_000,
    probeIntervalMs: 5_000,
    backoff: { minDelayMs: 100, maxDelayMs: 8_000 },
    maxMessageBytes: 512 * 1024 * 1024,
    monitorMethods,
    random: Math.random,
    ...given,
    remotes: parseRemotes(remote),
  };
}
