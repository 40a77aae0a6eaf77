/**
 * Where a server listens: `unix:/path`, `tcp:host:port`, `ssl:[v6]:port`, several separated by commas (ovsdb(7), "Connection Methods").
 * Reads text, returns what a socket needs.
 * Opening sockets is left to socket.ts.
 */
export type Remote =
  | { readonly kind: "unix"; readonly text: string; readonly path: string }
  | { readonly kind: "tcp"; readonly text: string; readonly host: string; readonly port: number }
  | { readonly kind: "ssl"; readonly text: string; readonly host: string; readonly port: number };

/** A remote that is none, or that the options do not fit. */
export class RemoteError extends Error {
  override readonly name = "RemoteError";
  readonly code = "remote";
  readonly retryable = false;
}

const hostPattern = /^(?<kind>tcp|ssl):(?:\[(?<v6>[0-9a-fA-F:.]+)\]|(?<host>[^:[\]]+)):(?<port>\d{1,5})$/;

/** The remotes in the order they will be tried. Throws a RemoteError. */
export function parseRemotes(text: string): readonly Remote[] {
  return text.split(",").map((part) => parseRemote(part.trim()));
}

function parseRemote(text: string): Remote {
  if (text.startsWith("unix:") && text.length > "unix:".length) {
    return { kind: "unix", text, path: text.slice("unix:".length) };
  }
  const { kind, v6, host = v6, port } = hostPattern.exec(text)?.groups ?? {};
  if (host !== undefined && port !== undefined && Number(port) >= 1 && Number(port) <= 65_535) {
    return { kind: kind === "ssl" ? "ssl" : "tcp", text, host, port: Number(port) };
  }
  throw new RemoteError(`"${text}" is no remote: wants unix:/path, tcp:host:port or ssl:host:port`);
}
