/** The HTTP side of the gateway: every route behind the guards, every error as a refusal. Listens to nothing by itself. */
import websocket from "@fastify/websocket";
import { parseJson } from "@weft/runtime";
import { WeftError, maxRequestBytes } from "@weft/schemas";
import type { FastifyInstance } from "fastify";
import fastify from "fastify";
import type { GuardOptions } from "./edge/guard.ts";
import { guardRequests } from "./edge/guard.ts";
import { Idempotency } from "./edge/idempotency.ts";
import { refuseOtherMethods } from "./edge/methods.ts";
import { refuseErrors, refusalFor, sendRefusal } from "./edge/refuse.ts";
import type { GatewayPorts } from "./ports.ts";
import { takeYaml } from "./edge/yaml-body.ts";
import { addAboutRoutes } from "./routes/about.ts";
import { addApplyRoutes } from "./routes/apply.ts";
import { addEventRoutes } from "./routes/events.ts";
import { addExecRoutes } from "./routes/exec.ts";
import { IntentRelay } from "./routes/intent-relay.ts";
import { addJoinRoutes } from "./routes/join.ts";
import { addLogRoutes } from "./routes/logs.ts";
import { Planner } from "./routes/planner.ts";
import { addResourceRoutes } from "./routes/resources.ts";
import { addRowRoutes } from "./routes/rows.ts";
import { addTraceRoute } from "./routes/trace.ts";

export async function createApp(ports: GatewayPorts, guard: GuardOptions): Promise<FastifyInstance> {
  const { log } = ports;
  const app = fastify({
    bodyLimit: maxRequestBytes,
    // Watches and followed logs never end by themselves.
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    routerOptions: { ignoreTrailingSlash: true },
    frameworkErrors: (error, request, reply) => void sendRefusal(reply, refusalFor(error, request, log)),
  });
  refuseErrors(app, log);
  guardRequests(app, guard);
  refuseThePast(app, ports);
  takeJson(app);
  takeYaml(app);
  await app.register(websocket, {
    options: { maxPayload: maxRequestBytes },
    // A client that reads nothing would never answer a farewell.
    preClose(done) {
      for (const client of app.websocketServer.clients) client.terminate();
      done();
    },
  });
  const refuseTheRest = refuseOtherMethods(app);
  addRoutes(app, ports);
  refuseTheRest();
  return app;
}

/** What waited in a socket while this process stood still was given up by who asked, and may have been asked anew of another copy. */
function refuseThePast(app: FastifyInstance, ports: Pick<GatewayPorts, "awake">): void {
  app.addHook("onRequest", async () => {
    if (!ports.awake())
      throw new WeftError("unavailable", "This copy of the gateway stood still and is connecting again.");
  });
}

function addRoutes(app: FastifyInstance, ports: GatewayPorts): void {
  const relay = new IntentRelay(ports.intent, ports.records, new Planner(ports));
  const idempotency = new Idempotency(ports.now);
  addAboutRoutes(app, ports);
  addApplyRoutes(app, relay, idempotency);
  addResourceRoutes(app, { ports, relay, idempotency });
  addRowRoutes(app, ports);
  addTraceRoute(app, ports);
  addJoinRoutes(app, ports);
  addEventRoutes(app, ports);
  addLogRoutes(app, ports);
  addExecRoutes(app, ports);
}

/** JSON and nothing else; a body that a form could send across sites is refused by its type. */
function takeJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    ["application/json", "application/merge-patch+json"],
    { parseAs: "string" },
    (_request, body, done) => {
      try {
        done(null, parseJson(body.toString(), "The body"));
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)));
      }
    },
  );
}
