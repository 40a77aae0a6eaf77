/** What the gateway says of itself: alive, ready, metrics, and its description. */
import { WeftError } from "@weft/schemas";
import type { FastifyInstance } from "fastify";
import { openApi } from "../openapi/openapi.ts";
import { docsPage } from "../openapi/docs-page.ts";
import type { GatewayPorts } from "../ports.ts";

export function addAboutRoutes(app: FastifyInstance, ports: GatewayPorts): void {
  const description = openApi();
  const page = docsPage(description);
  const index = {
    name: "Weft",
    api: "/v1",
    description: "/openapi.json",
    reader: "/docs",
    health: "/readyz",
  };
  app.get("/", async () => index);
  app.get("/v1", async () => ({ ...index, paths: Object.keys(description.paths) }));
  app.get("/healthz", async () => ({ status: "ok" }));
  app.get("/readyz", async () => {
    await ports.alive().catch((cause: unknown) => {
      throw new WeftError("unavailable", "The bus does not answer.", { cause });
    });
    return { status: "ready" };
  });
  app.get("/metrics", async (_request, reply) =>
    reply.type("text/plain; version=0.0.4; charset=utf-8").send(await ports.metrics()),
  );
  app.get("/openapi.json", async () => description);
  app.get("/docs", async (_request, reply) =>
    reply
      .header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'")
      .type("text/html; charset=utf-8")
      .send(page),
  );
}
