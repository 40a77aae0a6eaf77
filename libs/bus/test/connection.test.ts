import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { createLogTo } from "@weft/runtime";
import { ServerProcess, eventually, freePorts } from "@weft/testkit";
import { describe, expect, it } from "vitest";
import { connectBus } from "../src/index.ts";
import { chain, keyOf, world } from "./support/world.ts";

const log = createLogTo("test", "silent", () => undefined);

describe("a server that will not do", () => {
  it("is refused when it is older than 2.12, whatever else it can", async () => {
    const old = createServer((socket) => {
      const info = {
        server_id: "A",
        version: "2.11.4",
        proto: 1,
        headers: true,
        max_payload: 1_048_576,
        jetstream: true,
      };
      socket.on("error", () => undefined);
      socket.on("data", (data) => {
        if (data.includes("PING")) socket.write("PONG\r\n");
      });
      socket.write(`INFO ${JSON.stringify(info)}\r\n`);
    });
    const [port = 0] = await freePorts(1);
    await once(old.listen(port, "127.0.0.1"), "listening");
    const connecting = connectBus({ url: `nats://127.0.0.1:${port}`, name: "test", log });
    await expect(connecting).rejects.toMatchObject({ code: "unavailable", retryable: false });
    await expect(connecting).rejects.toThrow(/2\.11\.4.*2\.12 or newer/);
    old.close();
  });
});

describe("a server that stops answering without closing the connection", () => {
  it("is noticed within 20 seconds, and used again when it answers", async () => {
    await using at = await world();
    at.nats.server.signal("SIGSTOP");
    const gone = () => at.complaints.some((line) => line.includes("connecting again"));
    await eventually("the silence is noticed", gone, { withinMs: 20_000 });
    at.nats.server.signal("SIGCONT");
    await eventually("a write goes through", () => at.bus.put("stitched", keyOf("a"), chain("a")), {
      withinMs: 15_000,
    });
  });
});

describe("a process whose wall clock was a day ahead and is set back", () => {
  it("connects again as soon as ever", async () => {
    await using at = await world();
    const dayMs = 86_400_000;
    const now = Date.now;
    Date.now = () => now() + dayMs;
    try {
      await at.nats.restart();
      await at.bus.put("stitched", keyOf("a"), chain("a"));
    } finally {
      Date.now = now;
    }
    await at.nats.restart();
    await eventually("a write goes through", () => at.bus.put("stitched", keyOf("b"), chain("b")), {
      withinMs: 15_000,
    });
  });
});

describe("a process that stood still", () => {
  it("takes nothing of what it was asked meanwhile, and what it is asked from then on", async () => {
    await using at = await world();
    const answering = fileURLToPath(new URL("support/answering.ts", import.meta.url));
    await using child = await ServerProcess.start({
      name: "answering",
      command: () => [process.execPath, answering, at.nats.url],
      ready: async ({ output }) => output.includes("ready"),
    });
    child.signal("SIGSTOP");
    const meanwhile = at.bus.request("test.who", "of the past", { timeoutMs: 4_000 });
    await expect(meanwhile).rejects.toMatchObject({ code: "timeout" });
    child.signal("SIGCONT");
    await eventually("it answers again", async () => {
      const answer = at.bus.request("test.who", "now", { timeoutMs: 1_000 });
      return (await answer.catch(() => undefined)) === "me";
    });
    expect(child.output).toContain('took "now"');
    expect(child.output).not.toContain("of the past");
  });
});

describe("the buckets", () => {
  it("are made by whoever comes first, though several come at once", async () => {
    await using at = await world();
    await at.nats.restart({ emptyStore: true });
    const buses = await Promise.all([at.another(), at.another(), at.another()]);
    await buses[0]?.put("stitched", keyOf("a"), chain("a"));
    for (const bus of buses) expect((await bus.view("stitched")).entries().size).toBe(1);
  });

  it("take a request of 1 MiB and its envelope", async () => {
    await using at = await world();
    await at.bus.put("stitched", keyOf("large"), chain("large", "x".repeat(1_100_000)));
    expect((await at.bus.view("stitched")).get(keyOf("large"))?.value.message).toHaveLength(1_100_000);
  });
});
