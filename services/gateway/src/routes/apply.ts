/**
 * POST /v1/apply and /v1/delete: several documents, all or none; with `dryRun` nothing is done and the steps are told.
 * The envelopes are checked here, what is in them by the intent service.
 */
import { ApplyRequest, DeleteSeveralRequest, WeftError } from "@weft/schemas";
import type { FastifyInstance } from "fastify";
import type { z } from "zod";
import type { Idempotency } from "../edge/idempotency.ts";
import { Flag, readQuery } from "../edge/query.ts";
import type { IntentRelay } from "./intent-relay.ts";

export function addApplyRoutes(app: FastifyInstance, relay: IntentRelay, idempotency: Idempotency): void {
  app.post("/v1/apply", (request, reply) =>
    idempotency.once(request, reply, async () => {
      const { dryRun } = readQuery(request, { dryRun: Flag });
      const asked = readEnvelope(ApplyRequest, request.body, "documents");
      const body = await relay.apply(dryRun ? { ...asked, dryRun } : asked);
      return { status: 200, headers: {}, body };
    }),
  );
  app.post("/v1/delete", (request, reply) =>
    idempotency.once(request, reply, async () => {
      const { dryRun } = readQuery(request, { dryRun: Flag });
      const asked = readEnvelope(DeleteSeveralRequest, request.body, "resources");
      const body = await relay.remove(dryRun ? { ...asked, dryRun } : asked);
      return { status: 200, headers: {}, body };
    }),
  );
}

function readEnvelope<T>(envelope: z.ZodType<T>, body: unknown, list: string): T {
  const parsed = envelope.safeParse(body);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => ({ path: key, message: "is no field of a request" }))
      : [{ path: issue.path.join("."), message: issue.message }],
  );
  throw new WeftError("invalid-request", `The body is no { ${list}: […] }.`, { faults });
}
