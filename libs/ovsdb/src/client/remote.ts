/**
 * Where a server listens: `unix:/path`, `tcp:host:port`, `tcp:[v6]:port`, several separated by commas (ovsdb(7), "Connection Methods").
 * Reads text, returns what a socket needs.
 * Opening sockets is left to socket.ts.
 */
export type Remote =
  | { readonly kind: "unix"; readonly text: string; readonly path: string }
  | { readonly kind: "tcp"; readonly text: string; readonly host: string; readonly port: number };

export class RemoteError extends Error {
  override readonly name = "RemoteError";
  readonly code = "remote";
  readonly retryable = false;
}

const tcpPattern = /^tcp:(?:\[(?<v6>[0-9a-fA-F:.]+)\]|(?<host>[^:[\]]+)):(?<port>\d{1,5})$/;

export function parseRemotes(text: string): readonly Remote[] {
  return text.split(",").map((part) => parseRemote(part.trim()));
}

function parseRemote(text: string): Remote {
  if (text.startsWith("unix:") && text.length > "unix:".length) {
    return { kind: "unix", text, path: text.slice("unix:".length) };
  }
  const { v6, host = v6, port } = tcpPattern.exec(text)?.groups ?? {};
  if (host !== undefined && port !== undefined && Number(port) >= 1 && Number(port) <= 65_535) {
    return { kind: "tcp", text, host, port: Number(port) };
  }
  throw new RemoteError(
    text.startsWith("ssl:")
      ? `${text}: this client speaks unix: and tcp: only; put a TLS proxy in front of ssl: servers`
      : `"${text}" is no remote: wants unix:/path or tcp:host:port`,
  );
}
