/** A gateway as in production for one test: real nats-server, Consul and intent service; records are put by the test. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Bus } from "@weft/bus";
import { connectBus } from "@weft/bus";
import { WeftClient } from "@weft/client";
import { createLogTo, systemClock } from "@weft/runtime";
import type { NatsServer } from "@weft/testkit";
import { eventually, startConsul, startNats } from "@weft/testkit";
import type { Gateway } from "../src/index.ts";
import { createGateway } from "../src/index.ts";

const intentMain = path.join(import.meta.dirname, "../../intent/src/main.ts");
export const token = "a-token-for-tests-only";

export interface Edge extends AsyncDisposable {
  readonly url: string;
  readonly bus: Bus;
  readonly nats: NatsServer;
  /** Another gateway in the place of the first, at the same address. */
  restart(): Promise<void>;
  readonly client: WeftClient;
  /** With the token, unless other headers say otherwise. */
  fetch(target: string, init?: RequestInit): Promise<Response>;
}

export async function startEdge(): Promise<Edge> {
  const open = new AsyncDisposableStack();
  const [nats, consul] = await Promise.all([startNats(), startConsul()]);
  open.use(nats);
  open.use(consul);
  const log = createLogTo("gateway", "warn", (line) => void process.stderr.write(line));
  const bus = await connectBus({ url: nats.url, name: "test", log });
  open.defer(() => bus.close());
  open.use(startIntent(nats.url, consul.url));
  const tokenFile = writeToken(open);
  const start = async (gatewayPort: number): Promise<Gateway> => {
    const made = await createGateway({ ...config, gatewayPort }, { log, clock: systemClock() });
    await made.start();
    return made;
  };
  const config = {
    gatewayHost: "127.0.0.1",
    gatewayNames: ["weft.example"],
    joinHost: ["127.0.0.2"],
    joinSouthbound: "tcp:198.51.100.1:6642",
    joinUnderlayMtu: 9000,
    tokenFile,
    natsUrl: nats.url,
    consulUrl: consul.url,
  };
  let gateway = await start(0);
  open.defer(() => gateway.stop());
  await eventually("the intent service answers", () =>
    bus.request("weft.intent.apply", { documents: [], dryRun: true }).then(() => true),
  );
  const { url } = gateway;
  return {
    url,
    bus,
    nats,
    restart: async () => {
      await gateway.stop();
      gateway = await start(Number(new URL(url).port));
    },
    client: new WeftClient({ url, token }),
    fetch: (target, init = {}) =>
      fetch(new URL(target, url), {
        ...init,
        headers: { authorization: `Bearer ${token}`, ...Object.fromEntries(new Headers(init.headers)) },
      }),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

function writeToken(open: AsyncDisposableStack): string {
  const folder = mkdtempSync(path.join(tmpdir(), "weft-gateway-"));
  open.defer(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, "token");
  writeFileSync(file, `${token}\n`, { mode: 0o600 });
  return file;
}

/** A process of its own, since services import no service. */
function startIntent(natsUrl: string, consulUrl: string): AsyncDisposable {
  const child = spawn(process.execPath, [intentMain], {
    stdio: ["ignore", "ignore", "inherit"],
    env: {
      PATH: process.env["PATH"],
      WEFT_NATS_URL: natsUrl,
      WEFT_CONSUL_URL: consulUrl,
      WEFT_LOG_LEVEL: "warn",
    },
  });
  return {
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGTERM");
      await once(child, "exit");
    },
  };
}
