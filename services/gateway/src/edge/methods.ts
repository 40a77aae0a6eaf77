/**
 * A path that is there, by a method that it lacks, answers 405 with the methods that it has, and the refusal object.
 * Fastify itself would say 404. Call it after the routes are there.
 */
import { WeftError, refusalOf } from "@weft/schemas";
import type { FastifyInstance, HTTPMethods } from "fastify";
import { sendRefusal } from "./refuse.ts";

const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const satisfies HTTPMethods[];

/** Notes every route as it is added. Returns what then adds the refusals beside them. */
export function refuseOtherMethods(app: FastifyInstance): () => void {
  const routes = new Map<string, Set<string>>();
  app.addHook("onRoute", ({ url, method }) => {
    const known = routes.get(url) ?? new Set();
    for (const each of [method].flat()) known.add(each);
    routes.set(url, known);
  });
  return () => {
    for (const [url, known] of routes) {
      const allowed = [...known].toSorted().join(", ");
      app.route({
        url,
        method: methods.filter((method) => !known.has(method)),
        // Before the body is read: its type makes no difference.
        onRequest: async (request, reply) => {
          const error = new WeftError(
            "invalid-request",
            `${request.method} has no meaning here, ${allowed} has.`,
          );
          return sendRefusal(reply.header("allow", allowed), { ...refusalOf(error), status: 405 });
        },
        handler: async () => {},
      });
    }
  };
}
