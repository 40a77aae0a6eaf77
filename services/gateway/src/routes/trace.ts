/** By which shards a flow goes, as the records say. */
import { traceFlow } from "@weft/decide";
import { TraceQuery } from "@weft/schemas";
import type { FastifyInstance } from "fastify";
import { readName, readQuery } from "../edge/query.ts";
import type { GatewayPorts } from "../ports.ts";

export function addTraceRoute(app: FastifyInstance, { records }: Pick<GatewayPorts, "records">): void {
  app.get("/v1/tenants/:tenant/trace", async (request, reply) => {
    const tenant = readName(request, "tenant");
    return reply.send(traceFlow(readQuery(request, TraceQuery), tenant, records.world()));
  });
}
