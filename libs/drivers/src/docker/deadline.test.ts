/** A daemon that answers everything but one kind of request, on a socket of its own. */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createDockerDriver } from "./driver.ts";

const identity = { tenant: "t", kind: "shard" as const, name: "s", placement: "uid" };
const spec = { identity, spec: "1", image: "i", capabilities: [], limits: {} };
const command = { argv: ["true"], tty: false, stdin: false };
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "weft-test-"));
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true, force: true });
});

/** No container was made before it is started. */
const statusFor = (asked: string) =>
  asked.startsWith("DELETE") ? 204 : asked.endsWith("/start") ? 404 : 200;

/** Time runs out as soon as the request that is never answered has come. */
async function silentAt(stuck: RegExp) {
  const server = createServer((request, response) => {
    const asked = `${request.method} ${request.url?.split("?")[0]}`;
    if (stuck.test(asked)) return void vi.advanceTimersByTime(30_000);
    const answer = asked === "GET /containers/json" ? [{ Id: "c" }] : { Id: "c" };
    response.writeHead(statusFor(asked), { "content-type": "application/json" });
    response.end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(path.join(folder, "sock"), resolve));
  const options = { node: "n", stateDir: folder, socketPath: path.join(folder, "sock") };
  return {
    driver: createDockerDriver(options),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

type Driver = ReturnType<typeof createDockerDriver>;
const thrown = async (outcomes: Promise<ReadonlyMap<string, unknown>>) => {
  const outcome = (await outcomes).get("uid");
  if (outcome instanceof Error) throw outcome;
};

describe("a daemon that does not answer", () => {
  it.each<[string, RegExp, (driver: Driver) => Promise<unknown>]>([
    ["a list", /^GET \/containers\/json/, (driver) => driver.list()],
    ["an inspection", /^GET \/containers\/c\/json/, (driver) => driver.list()],
    ["a holder", /^POST \/containers\/create/, (driver) => thrown(driver.ensureHolders([identity]))],
    ["an instance", /^POST \/containers\/create/, (driver) => driver.startInstance(spec)],
    ["a start", /^POST \/containers\/.*\/start/, (driver) => driver.startInstance(spec)],
    ["a removal", /^DELETE /, (driver) => driver.removeInstance("uid")],
    ["a command", /^POST \/containers\/c\/exec/, (driver) => driver.exec("uid", command)],
  ])("is not waited for longer than its deadline: %s", async (_, stuck, ask) => {
    await using daemon = await silentAt(stuck);
    await expect(ask(daemon.driver)).rejects.toMatchObject({ code: "timeout", retryable: true });
  });
});
