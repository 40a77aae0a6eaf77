/**
 * Nodes come and go: a join token, a host that joins by it, what a node reads of itself, and its removal.
 * All changes are asked of the intent service; a node's credential is compared by its hash in weft_access.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { isNodeRemoved, nodeRows } from "@weft/decide";
import type { MemberView, NodeSettings } from "@weft/schemas";
import {
  JoinRequest,
  RemoveNodeRequest,
  TokenRequest,
  WeftError,
  nodeAccessKey,
  nodeHealthKey,
  parseTicket,
} from "@weft/schemas";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { z } from "zod";
import { bearerOf } from "../edge/guard.ts";
import { Flag, readName, readQuery } from "../edge/query.ts";
import type { GatewayPorts } from "../ports.ts";

export function addJoinRoutes(app: FastifyInstance, ports: GatewayPorts): void {
  app.post("/v1/nodes/tokens", async (request, reply) => {
    readQuery(request, {});
    const asked = readBody(TokenRequest, request.body ?? {});
    settingsOf(ports); // whoever would be refused later is told now
    return reply
      .code(201)
      .header("cache-control", "no-store")
      .send(await ports.access.token(asked));
  });
  app.delete("/v1/nodes/:name", async (request, reply) => {
    const { force } = readQuery(request, { force: Flag });
    return reply.send(await ports.access.remove({ name: readName(request, "name"), force }));
  });
  app.post("/v1/join", async (request, reply) => {
    readQuery(request, {});
    const settings = settingsOf(ports);
    const membership = await ports.access.join(readBody(JoinRequest, request.body));
    return reply
      .code(201)
      .header("cache-control", "no-store")
      .send({ ...membership, settings });
  });
  app.get("/v1/member", async (request, reply) => {
    readQuery(request, {});
    return reply.send(memberView(memberOf(request, ports), ports));
  });
  app.delete("/v1/member", async (request, reply) => {
    readQuery(request, {});
    const name = memberOf(request, ports);
    return reply.send(await ports.access.remove(RemoveNodeRequest.parse({ name, force: true })));
  });
}

function settingsOf({ nodeSettings }: GatewayPorts): NodeSettings {
  if (nodeSettings !== undefined) return nodeSettings;
  throw new WeftError(
    "unsupported",
    "No host can join here: the gateway was not told OVN's southbound database (WEFT_JOIN_SOUTHBOUND).",
  );
}

function memberView(node: string, ports: GatewayPorts): MemberView {
  const world = ports.records.world();
  const row = nodeRows(world).find(({ name }) => name === node) ?? null;
  const health = world.health.get(nodeHealthKey(node))?.value;
  const incarnation = health?.kind === "node" && health.state === "ready" ? health.incarnation : null;
  return { node, settings: settingsOf(ports), row, incarnation };
}

/** The node that a credential belongs to. One that was removed is told so; any other is told nothing. */
function memberOf(request: FastifyRequest, { records }: GatewayPorts): string {
  const shown = parseTicket("node", bearerOf(request) ?? "");
  const access = shown === undefined ? undefined : records.world().access.get(nodeAccessKey(shown.id))?.value;
  const hash = access?.kind === "node" ? access.membership?.hash : undefined;
  if (shown === undefined || hash === undefined || !sameHash(shown.secret, hash))
    throw new WeftError("unauthorized", "The request carries no credential of a node.");
  if (isNodeRemoved(shown.id, records.world().access))
    throw new WeftError("forbidden", `The node ${shown.id} was removed.`);
  return shown.id;
}

function sameHash(secret: string, hash: string): boolean {
  return timingSafeEqual(createHash("sha256").update(secret).digest(), Buffer.from(hash, "hex"));
}

function readBody<S extends z.ZodType>(schema: S, body: unknown): z.output<S> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => ({ path: key, message: "is no field known here" }))
      : [{ path: issue.path.join("."), message: issue.message }],
  );
  throw new WeftError("invalid-request", "The body does not fit.", { faults });
}
