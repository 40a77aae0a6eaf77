/**
 * Opens a socket to a remote: the one place that touches node:net.
 * Reads a remote, gives a connected socket or the reason why not.
 * Speaking over it is left to connection.ts.
 */
import type { Socket } from "node:net";
import { connect } from "node:net";
import { deferred } from "./deferred.ts";
import type { Remote } from "./remote.ts";

export function openSocket(
  remote: Remote,
  options: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<Socket> {
  const { promise, resolve, reject } = deferred<Socket>();
  const socket =
    remote.kind === "unix"
      ? connect({ path: remote.path })
      : connect({ host: remote.host, port: remote.port, noDelay: true });
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
    reject(error);
  };
  options.signal.addEventListener("abort", giveUp, { once: true });
  socket.once("error", fail);
  socket.once("connect", () => {
    settle();
    resolve(socket);
  });
  if (options.signal.aborted) {
    giveUp();
  }
  return promise;
}
