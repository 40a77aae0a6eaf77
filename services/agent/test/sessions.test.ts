/** Sessions over a real bus with real processes; the driver runs them beside the test, so that no root is needed. */
import { createHash } from "node:crypto";
import type { Driver } from "@weft/drivers";
import { openProcess } from "@weft/drivers";
import { systemClock } from "@weft/runtime";
import { recordKey, sessionWindow } from "@weft/schemas";
import type { Runtime } from "@weft/schemas";
import { eventually, placedWorkload } from "@weft/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AgentPorts } from "../src/index.ts";
import { serveSessions } from "../src/session/session-server.ts";
import type { SessionServer } from "../src/session/session-server.ts";
import { SessionClient } from "./session-client.ts";
import { log, sharedBus } from "./shared-bus.ts";

const node = "node-1";
const placement = placedWorkload({ uid: "uid-1", node, runtime: "namespace" });
const bus = sharedBus();
let ports: AgentPorts;
/** Holds a command back before it is started. */
let gate: { reached(): Promise<void> } | undefined;
let server: SessionServer;

beforeAll(async () => {
  await bus().put("placements", recordKey("workload", "demo", "w"), placement);
  const [placements, slots, realized] = await Promise.all([
    bus().view("placements"),
    bus().view("slots"),
    bus().view("realized"),
  ]);
  const here: Pick<Driver, "runtime" | "exec"> = {
    runtime: "namespace",
    exec: async (_, request) => {
      await gate?.reached();
      return openProcess([], request);
    },
  };
  const drivers = new Map<Runtime, Driver>([["namespace", here as Driver]]);
  const found = { bus: bus(), views: { placements, slots, realized }, drivers, clock: systemClock(), log };
  ports = found as unknown as AgentPorts;
  server = serveSessions(node, ports);
});

afterAll(() => server.close());

async function open(command: readonly string[], more: object = {}): Promise<SessionClient> {
  const client = new SessionClient(bus().connection);
  expect(await client.open(node, { command, ...more })).toEqual({ accepted: true });
  return client;
}
const ended = (client: SessionClient) =>
  eventually("the session's end", () => client.end !== undefined, { withinMs: 30_000 });
const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe("a command in a session", () => {
  it("gets its input and gives its outputs and exit code back, each exactly", async () => {
    const client = await open(["sh", "-c", "cat; echo sad >&2; exit 7"], { stdin: true });
    await client.write(Buffer.from("hello"));
    client.send("eof");
    await ended(client);
    expect([client.text("stdout"), client.text("stderr"), client.end]).toEqual([
      "hello",
      "sad\n",
      { code: 7 },
    ]);
  });

  it("gives 10 MB back complete", async () => {
    const client = await open(["sh", "-c", "head -c 10000000 /dev/zero"]);
    await ended(client);
    expect(Buffer.concat(client.output.stdout).length).toBe(10_000_000);
  });

  it("gets 10 MB in order", async () => {
    const client = await open(["sha256sum"], { stdin: true });
    await client.write(Buffer.alloc(10_000_000, "0123456789"));
    client.send("eof");
    await ended(client);
    const wanted = createHash("sha256").update(Buffer.alloc(10_000_000, "0123456789")).digest("hex");
    expect(client.text("stdout")).toBe(`${wanted}  -\n`);
  });

  it("is slowed by a reader who does not read, and goes on when he does", async () => {
    const client = await open(["sh", "-c", "head -c 10000000 /dev/zero"]);
    client.reading = false;
    await eventually("a full window", () => client.received >= sessionWindow);
    expect(client.received).toBeLessThan(2 * sessionWindow);
    client.reading = true;
    client.acknowledge();
    await ended(client);
    expect(Buffer.concat(client.output.stdout).length).toBe(10_000_000);
  });

  it("has a terminal when one is asked for, of the size that is asked for", async () => {
    const client = await open(["sh"], { stdin: true, tty: true });
    client.send("resize", JSON.stringify({ columns: 101, rows: 33 }));
    await eventually("a prompt", () => client.text("stdout").length > 0);
    await client.write(Buffer.from("stty size; exit 4\n"));
    await ended(client);
    expect(client.text("stdout")).toContain("33 101");
    expect(client.end).toEqual({ code: 4 });
  });
});

describe("a client that goes", () => {
  const started = async () => {
    const client = await open(["sh", "-c", "echo $$; sleep 1000 & echo $!; wait"]);
    await eventually("both process ids", () => client.text("stdout").split("\n").length === 3);
    const pids = client.text("stdout").trim().split("\n").map(Number);
    expect(pids.every(isAlive)).toBe(true);
    return { client, pids };
  };

  it("takes its command, and what that started, with it", async () => {
    const { client, pids } = await started();
    client.send("close");
    await eventually("the command's end", () => !pids.some(isAlive));
  });

  it("is noticed though it says nothing", async () => {
    const { client, pids } = await started();
    client.vanish();
    await eventually("the command's end", () => !pids.some(isAlive), { withinMs: 20_000 });
  });
});

describe("an agent that stops", () => {
  it("tells every open session, and ends what runs for it", async () => {
    const clients = [await open(["sleep", "1000"]), await open(["sh", "-c", "echo $$; exec sleep 1000"])];
    await eventually("its process id", () => clients[1]?.text("stdout") !== "");
    server.close();
    try {
      for (const client of clients) {
        await ended(client);
        expect(client.end).toEqual({ message: "The agent stops." });
      }
      await eventually("the command's end", () => !isAlive(Number(clients[1]?.text("stdout"))));
    } finally {
      server = serveSessions(node, ports);
    }
  });

  it("tells one that is being opened too", async () => {
    const client = new SessionClient(bus().connection);
    const [reached, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    gate = { reached: () => (reached.resolve(), release.promise) };
    const opening = client.open(node, { command: ["sleep", "1000"] }).catch(() => undefined);
    await reached.promise;
    server.close();
    try {
      release.resolve();
      await opening;
      await ended(client);
      expect(client.end).toEqual({ message: "The agent stops." });
    } finally {
      gate = undefined;
      server = serveSessions(node, ports);
    }
  });
});

describe("a request that cannot be met", () => {
  it.each([
    ["for what is not here", { name: "elsewhere", command: ["true"] }, "not-found"],
    ["without a command", {}, "invalid-request"],
    ["with an unknown field", { command: ["true"], user: "root" }, "invalid-request"],
  ])("%s is refused at once", async (_, request, code) => {
    const client = new SessionClient(bus().connection);
    expect(await client.open(node, request)).toMatchObject({ accepted: false, code });
  });

  it("for a program that is not there ends with what was said", async () => {
    const client = new SessionClient(bus().connection);
    expect(await client.open(node, { command: ["no-such-program"] })).toMatchObject({ accepted: false });
  });
});
