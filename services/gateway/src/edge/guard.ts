/**
 * Who may call: Host and Origin are checked on every request and every upgrade, the bearer token on all but a few.
 * Without the first two, any page in the operator's browser could reach a shell here (DNS rebinding, cross-site sockets).
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { WeftError } from "@weft/schemas";
import type { FastifyInstance, FastifyRequest } from "fastify";

export interface GuardOptions {
  readonly token: string;
  readonly host: string;
  readonly names: readonly string[];
  /** The port that is listened on; known only once it is. */
  readonly port: () => number;
  /** Further addresses, where hosts join, and whether a connection came in by one of them. */
  readonly joinHosts: readonly string[];
  readonly cameToJoin: (socket: FastifyRequest["socket"]) => boolean;
}

/** Paths that callers on the same machine may read without a token; none of them tells of a tenant. */
const openOnLoopback = new Set(["/", "/healthz", "/readyz", "/metrics", "/docs", "/openapi.json"]);

/** Paths whose callers show a ticket of their own, which the route checks: a join token, or a node's credential. */
const byTicket = new Set(["/v1/join", "/v1/member"]);

export function guardRequests(app: FastifyInstance, options: GuardOptions): void {
  const wanted = digest(options.token);
  app.addHook("onRequest", async (request) => {
    checkHost(request, options);
    checkOrigin(request);
    if (byTicket.has(pathOf(request))) return;
    if (options.cameToJoin(request.socket))
      throw new WeftError("forbidden", "At this address hosts join, and nothing else is answered.");
    if (isOpen(request)) return;
    const given = bearerOf(request);
    if (given === undefined || !timingSafeEqual(digest(given), wanted))
      throw new WeftError("unauthorized", "The request carries no valid bearer token.");
  });
}

/** What stands behind `Bearer` in the header, if anything. */
export function bearerOf({ headers }: FastifyRequest): string | undefined {
  return /^Bearer +(\S+)$/i.exec(headers.authorization ?? "")?.[1];
}

/** Equal lengths for timingSafeEqual, whatever was given. */
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function checkHost(request: FastifyRequest, { host, joinHosts, names, port }: GuardOptions): void {
  const given = (request.headers.host ?? "").toLowerCase();
  const local = [host, ...joinHosts, "localhost", "127.0.0.1", "[::1]"].map(
    (name) => `${bracketed(name)}:${port()}`,
  );
  const named = names.flatMap((name) => [name.toLowerCase(), `${name.toLowerCase()}:${port()}`]);
  if (![...local, ...named].includes(given))
    throw new WeftError("forbidden", `The gateway does not answer for the Host "${given}".`);
}

function bracketed(host: string): string {
  return host.includes(":") && !host.startsWith("[") ? `[${host}]` : host.toLowerCase();
}

/** None (no browser), or the page came from this very gateway. */
function checkOrigin(request: FastifyRequest): void {
  const { origin, host } = request.headers;
  if (origin === undefined) return;
  const own = [`http://${host}`, `https://${host}`];
  if (!own.includes(origin.toLowerCase()))
    throw new WeftError("forbidden", `Pages of the Origin "${origin}" may not call the gateway.`);
}

function isOpen(request: FastifyRequest): boolean {
  return openOnLoopback.has(pathOf(request)) && isLoopback(request.socket.remoteAddress ?? "");
}

function pathOf(request: FastifyRequest): string {
  return request.url.split("?", 1)[0] ?? "";
}

function isLoopback(address: string): boolean {
  return address === "::1" || /^(::ffff:)?127\./.test(address);
}
