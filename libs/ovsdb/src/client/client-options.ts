/**
 * The client's options with their units and defaults.
 * Reads what the caller gave, returns every setting.
 * Reading configuration files is left to the services.
 */
import type { Limits } from "../rpc/limits.ts";
import type { Backoff } from "./backoff.ts";
import type { MonitorMethod } from "./load.ts";
import { monitorMethods } from "./load.ts";
import type { Remote } from "./remote.ts";
import { RemoteError, parseRemotes } from "./remote.ts";
import type { TlsOptions } from "./tls.ts";

export interface ClientOptions {
  /** `unix:/path`, `tcp:host:port` or `ssl:host:port`; several, separated by commas, are tried in turn. */
  readonly remote: string;
  /** Certificates and key, for ssl: remotes. */
  readonly tls?: TlsOptions;
  /**
   * Only servers that lead the clusters of all their databases; others, and one that loses the lead, are left for the next remote.
   * A server that is cut off from its cluster, or lags behind what was seen, is left in any case. Default false.
   */
  readonly leaderOnly?: boolean;
  /** How long `connect` tries before it gives up, and the bound of each single attempt. Default 10,000. */
  readonly connectTimeoutMs?: number;
  /** After this long without a byte the server is asked for an echo, after twice as long it is taken for dead. Default 5,000; 0: never. */
  readonly probeIntervalMs?: number;
  /** Waits between attempts. Default 100 to 8,000. */
  readonly backoff?: Backoff;
  /** A longer message of the server ends the connection, a longer request is refused with a LimitError. Default 512 MiB. */
  readonly maxMessageBytes?: number;
  /** Brackets inside brackets, with the same consequences; what OVSDB says nests about ten deep. Default 100. */
  readonly maxDepth?: number;
  /** While more than this waits for the network, requests are refused with a LimitError. Default 64 MiB. */
  readonly maxQueuedBytes?: number;
  /** So many requests may wait for answers; more are refused with a LimitError. Default 65,536. */
  readonly maxInFlight?: number;
  /** Monitor methods to try, in order. Default: monitor_cond_since, monitor_cond, monitor. */
  readonly monitorMethods?: readonly MonitorMethod[];
  /** The jitter's source, in [0, 1). Default Math.random. */
  readonly random?: () => number;
}

export type ClientSettings = Required<Omit<ClientOptions, "remote" | "tls" | keyof Limits>> & {
  readonly remotes: readonly Remote[];
  readonly tls: TlsOptions | undefined;
  readonly limits: Limits;
};

/** Throws a RemoteError for a remote that is none, or an ssl: one without `tls`. */
export function settingsOf(options: ClientOptions): ClientSettings {
  const remotes = parseRemotes(options.remote);
  const secure = remotes.find(({ kind }) => kind === "ssl");
  if (secure !== undefined && options.tls === undefined) {
    throw new RemoteError(`${secure.text}: wants \`tls\` with at least \`ca\``);
  }
  return {
    leaderOnly: options.leaderOnly ?? false,
    connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
    probeIntervalMs: options.probeIntervalMs ?? 5_000,
    backoff: options.backoff ?? { minDelayMs: 100, maxDelayMs: 8_000 },
    monitorMethods: options.monitorMethods ?? monitorMethods,
    random: options.random ?? Math.random,
    remotes,
    tls: options.tls,
    limits: {
      maxMessageBytes: options.maxMessageBytes ?? 512 * 1024 * 1024,
      maxDepth: options.maxDepth ?? 100,
      maxQueuedBytes: options.maxQueuedBytes ?? 64 * 1024 * 1024,
      maxInFlight: options.maxInFlight ?? 65_536,
    },
  };
}
