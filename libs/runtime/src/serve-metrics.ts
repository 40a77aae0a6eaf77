/**
 * A small HTTP server for /metrics (Prometheus' text format) and /healthz.
 * Reads the registry and what `healthy` says.
 * That it listens on the right address only is left to the configuration; the default is the loopback.
 */
import type { Server } from "node:http";
import { createServer } from "node:http";
import type { Log } from "./log.ts";
import { metrics } from "./metrics.ts";
import type { Service } from "./service.ts";

export interface MetricsServer extends Service {
  /** The port that it listens on, once started; with `port: 0` the system chooses one. */
  readonly port: number | undefined;
}

export function serveMetrics(o: {
  readonly host?: string;
  readonly port: number;
  readonly log: Log;
  /** False makes /healthz answer 503. */
  readonly healthy?: () => boolean;
}): MetricsServer {
  const server = createServer((request, response) => {
    const answer = async () => {
      const path = new URL(request.url ?? "/", "http://localhost").pathname;
      if (path === "/metrics") {
        response.setHeader("content-type", metrics.contentType);
        return response.end(await metrics.metrics());
      }
      if (path !== "/healthz") return response.writeHead(404).end("not found\n");
      const healthy = o.healthy?.() ?? true;
      return response.writeHead(healthy ? 200 : 503).end(healthy ? "ok\n" : "not ready\n");
    };
    answer().catch((error: unknown) => {
      o.log.error({ err: error }, "a request for metrics failed");
      response.writeHead(500).end();
    });
  });
  return {
    name: "metrics",
    get port() {
      const address = server.address();
      return typeof address === "object" && address !== null ? address.port : undefined;
    },
    start: () => listen(server, o.port, o.host ?? "127.0.0.1"),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}
