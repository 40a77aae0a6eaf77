/**
 * Opens a socket to a remote: the one place that touches node:net and node:tls' connect.
 * Reads a remote, gives a connected socket (for ssl: one whose server is known) or the reason why not.
 * Speaking over it is left to connection.ts.
 */
import type { Socket } from "node:net";
import { connect, isIP } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { connect as connectTls } from "node:tls";
import { deferred } from "./deferred.ts";
import type { Remote } from "./remote.ts";
import type { TlsOptions } from "./tls.ts";
import { explained, secureOptions } from "./tls.ts";

export interface OpenOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly tls: TlsOptions | undefined;
}

export async function openSocket(remote: Remote, options: OpenOptions): Promise<Socket> {
  if (remote.kind !== "ssl") {
    return connected(remote, plainSocket(remote), { ...options, event: "connect" });
  }
  const secure = await secureOptions(options.tls ?? { ca: "" });
  return connected(remote, secureSocket(remote, secure), { ...options, event: "secureConnect" });
}

function plainSocket(remote: Exclude<Remote, { readonly kind: "ssl" }>): Socket {
  return remote.kind === "unix"
    ? connect({ path: remote.path })
    : connect({ host: remote.host, port: remote.port, noDelay: true });
}

/** The host's name goes along for servers behind a name-based proxy (SNI); an address may not (RFC 6066 section 3). */
function secureSocket(remote: Extract<Remote, { readonly kind: "ssl" }>, secure: ConnectionOptions): Socket {
  const { host, port } = remote;
  const socket = connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}), ...secure });
  return socket.setNoDelay(true);
}

function connected(
  remote: Remote,
  socket: Socket,
  options: OpenOptions & { readonly event: "connect" | "secureConnect" },
): Promise<Socket> {
  const { promise, resolve, reject } = deferred<Socket>();
  const giveUp = (): void => {
    socket.destroy(new Error(`${remote.text}: closed while connecting`));
  };
  const timer = setTimeout(() => {
    socket.destroy(new Error(`${remote.text}: no connection within ${options.timeoutMs} ms`));
  }, options.timeoutMs);
  const settle = (): void => {
    clearTimeout(timer);
    options.signal.removeEventListener("abort", giveUp);
    socket.off("error", fail);
  };
  const fail = (error: Error): void => {
    settle();
    reject(explained(remote, error, "handshake"));
  };
  options.signal.addEventListener("abort", giveUp, { once: true });
  socket.once("error", fail);
  socket.once(options.event, () => {
    settle();
    resolve(socket);
  });
  if (options.signal.aborted) {
    giveUp();
  }
  return promise;
}
