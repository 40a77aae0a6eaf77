/**
 * Every error leaves as an RFC 9457 object. Reads what was thrown, by class and by Fastify's own codes, never by words.
 * What nobody foresaw is logged with its stack and answered as `internal`, without it.
 */
import type { Refusal } from "@weft/schemas";
import { WeftError, maxRequestBytes, refusalOf } from "@weft/schemas";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { GatewayPorts } from "../ports.ts";
import { RelayedRefusal } from "./relayed-refusal.ts";

export const problemType = "application/problem+json; charset=utf-8";

export function sendRefusal(reply: FastifyReply, refusal: Refusal): FastifyReply {
  if (refusal.status === 401) reply.header("www-authenticate", "Bearer");
  // The server has let go of a socket that asked for an upgrade: nobody else would ever close it.
  if (reply.request.headers.upgrade !== undefined) {
    const { socket } = reply.raw;
    reply.header("connection", "close");
    reply.raw.once("finish", () => socket?.destroySoon());
  }
  return reply.code(refusal.status).type(problemType).send(JSON.stringify(refusal));
}

export function refuseErrors(app: FastifyInstance, log: GatewayPorts["log"]): void {
  app.setErrorHandler((error, request, reply) => sendRefusal(reply, refusalFor(error, request, log)));
  app.setNotFoundHandler((request, reply) =>
    sendRefusal(reply, refusalOf(new WeftError("not-found", `There is nothing at ${pathOf(request)}.`))),
  );
}

export function refusalFor(error: unknown, request: FastifyRequest, log: GatewayPorts["log"]): Refusal {
  if (error instanceof RelayedRefusal) return error.refusal;
  if (error instanceof WeftError) return refusalOf(error);
  const { code, statusCode, message } = fastifyError(error);
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE") return refusalOf(tooLarge(request));
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return { ...refusalOf(new WeftError("invalid-request", `${message}.`)), status: statusCode };
  log.error({ err: error, url: pathOf(request) }, "a request failed");
  return refusalOf(new WeftError("internal", "The gateway failed at this request; its log says why."));
}

function tooLarge(request: FastifyRequest): WeftError {
  const length = request.headers["content-length"];
  const size = length === undefined ? `more than ${maxRequestBytes}` : length;
  return new WeftError("too-large", `The request has ${size} bytes, at most ${maxRequestBytes} are taken.`);
}

function pathOf(request: FastifyRequest): string {
  return request.url.split("?", 1)[0] ?? "";
}

function fastifyError(error: unknown): { code?: unknown; statusCode?: number; message: string } {
  if (!(error instanceof Error)) return { message: String(error) };
  const code = "code" in error ? error.code : undefined;
  const status = "statusCode" in error ? error.statusCode : undefined;
  return { code, message: error.message, ...(typeof status === "number" ? { statusCode: status } : {}) };
}
