/** POST /v1/apply: several documents, all or none. The envelope is checked here, the documents by the intent service. */
import { ApplyRequest, WeftError } from "@weft/schemas";
import type { FastifyInstance } from "fastify";
import type { Idempotency } from "../edge/idempotency.ts";
import { Flag, readQuery } from "../edge/query.ts";
import type { IntentRelay } from "./intent-relay.ts";

export function addApplyRoute(app: FastifyInstance, relay: IntentRelay, idempotency: Idempotency): void {
  app.post("/v1/apply", (request, reply) =>
    idempotency.once(request, reply, async () => {
      const { dryRun } = readQuery(request, { dryRun: Flag });
      const asked = readEnvelope(request.body);
      const body = await relay.apply(dryRun ? { ...asked, dryRun } : asked);
      return { status: 200, headers: {}, body };
    }),
  );
}

function readEnvelope(body: unknown): ApplyRequest {
  const parsed = ApplyRequest.safeParse(body);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => ({ path: path.join("."), message }));
  throw new WeftError("invalid-request", "The body is no { documents: […] }.", { faults });
}
