/** Shells and logs through the gateway, with an agent of the test's own at the other end of the bus. */
import { text } from "node:stream/consumers";
import type { ExecSession } from "@weft/client";
import { WeftError, nodeHealthKey, recordKey, sessionFrameBytes, sessionWindow } from "@weft/schemas";
import { eventually } from "@weft/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Edge } from "./edge.ts";
import { startEdge } from "./edge.ts";
import type { FakeFrame, FakeSession } from "./fake-agent.ts";
import { fakeAgent } from "./fake-agent.ts";
import { node, workloadPlacement } from "./records.ts";

let edge: Edge;
let agent: Disposable;
/** What the agent does, for each name of a workload. */
const behaviour = new Map<
  string,
  { opened?(session: FakeSession): void; frame?(session: FakeSession, frame: FakeFrame): void }
>();
const thing = (name: string) => ({ kind: "workload" as const, tenant: "demo", name });

async function placed(
  name: string,
  what: Parameters<typeof behaviour.set>[1],
): Promise<ReturnType<typeof thing>> {
  behaviour.set(name, what);
  await edge.bus.put("placements", recordKey("workload", "demo", name), workloadPlacement(name));
  await eventually("the gateway sees the placement", async () => {
    const response = await edge.fetch("/v1/nodes/node-1");
    const rows = (await response.json()) as { allocated: { cpu: number } };
    return rows.allocated.cpu >= 0.5 * behaviour.size;
  });
  return thing(name);
}

beforeAll(async () => {
  edge = await startEdge();
  await edge.bus.put("nodes", "node-1", node("node-1"));
  agent = fakeAgent(edge.bus, "node-1", {
    opened: (session) => behaviour.get(session.request.name)?.opened?.(session),
    frame: (session, frame) => behaviour.get(session.request.name)?.frame?.(session, frame),
  });
});
afterAll(async () => {
  agent[Symbol.dispose]();
  await edge[Symbol.asyncDispose]();
});

const output = async (session: ExecSession) => {
  const [stdout, stderr, code] = await Promise.all([
    text(session.stdout),
    text(session.stderr),
    session.exit,
  ]);
  return { stdout, stderr, code };
};

describe("a command", () => {
  it("for a workload that is not there is refused with the reason", async () => {
    await expect(edge.client.exec(thing("nobody"), { command: ["true"] })).rejects.toThrow(/no .*nobody/i);
  });

  it("gets stdin, gives stdout, stderr and its exit code, each whole", async () => {
    const echo = await placed("echo", {
      opened: ({ send }) => send("stderr", "ready\n"),
      frame: ({ send }, { stream, data }) => {
        if (stream === "stdin") send("stdout", data);
        if (stream === "eof") send("exit", '{"code":7}');
      },
    });
    const session = await edge.client.exec(echo, { command: ["cat"], stdin: true });
    session.stdin.end("hello\n");
    expect(await output(session)).toEqual({ stdout: "hello\n", stderr: "ready\n", code: 7 });
  });

  it("is told of the terminal's size, and of a client that goes away", async () => {
    const told: string[] = [];
    const shell = await placed("shell", {
      frame: (_session, { stream, data }) => told.push(`${stream} ${Buffer.from(data).toString()}`),
    });
    const session = await edge.client.exec(shell, { command: ["sh"], tty: true });
    session.resize(80, 24);
    await eventually("the size came", () => told.includes('resize {"columns":80,"rows":24}'));
    session.close();
    await eventually("the end came", () => told.includes("close "));
  });

  it("that does not read is sent a window and no more, and the rest once it reads", async () => {
    let received = 0;
    let reads = false;
    let session: FakeSession | undefined;
    const slow = await placed("slow", {
      opened: (opened) => {
        session = opened;
      },
      frame: ({ send }, { stream, data }) => {
        if (stream === "eof") send("exit", '{"code":0}');
        if (stream !== "stdin") return;
        received += data.length;
        if (reads) send("ack", String(received / sessionFrameBytes));
      },
    });
    const exec = await edge.client.exec(slow, { command: ["cat"], stdin: true });
    const frames = 10 * sessionWindow;
    exec.stdin.end(Buffer.alloc(frames * sessionFrameBytes));
    await eventually("the window is full", () => received === sessionWindow * sessionFrameBytes);
    await edge.client.nodes(); // a round trip: nothing more came meanwhile
    expect(received).toBe(sessionWindow * sessionFrameBytes);
    reads = true;
    session?.send("ack", String(sessionWindow));
    expect(await exec.exit).toBe(0);
    expect(received).toBe(frames * sessionFrameBytes);
  });

  it("whose output nobody reads is acknowledged no further than the buffers reach", async () => {
    let acknowledged = 0;
    let flood: FakeSession | undefined;
    const noisy = await placed("noisy", {
      opened: (session) => {
        flood = session;
      },
      frame: (_session, { stream, data }) => {
        if (stream === "ack") acknowledged = Number(Buffer.from(data).toString());
      },
    });
    const session = await edge.client.exec(noisy, { command: ["yes"] });
    const frame = Buffer.alloc(sessionFrameBytes);
    let sent = 0;
    const pump = () => {
      if (flood === undefined) return;
      while (sent - acknowledged < sessionWindow && sent < 2000) {
        flood.send("stdout", frame);
        sent += 1;
      }
    };
    const pumping = setInterval(pump, 1);
    // 2,000 frames are 64 MiB: kernel buffers on loopback take a few.
    let before = 0;
    let still = 0;
    await eventually("acknowledgements stand still, at fifty looks in a row", () => {
      still = acknowledged > 0 && acknowledged === before ? still + 1 : 0;
      before = acknowledged;
      return still === 50;
    });
    clearInterval(pumping);
    expect(acknowledged).toBeLessThan(2000);
    session.close();
  });

  it("that cannot be run says why", async () => {
    const none = await placed("none", {
      opened: () => {
        throw new WeftError("not-found", "The workload demo/none is not on node-1.");
      },
    });
    const session = await edge.client.exec(none, { command: ["true"] });
    await expect(session.exit).rejects.toThrow("The workload demo/none is not on node-1.");
    await expect(edge.client.exec(thing("nowhere"), { command: ["true"] })).rejects.toMatchObject({
      code: "not-found",
    });
  });
});

describe("logs", () => {
  it("are streamed as they come, and end with the command's", async () => {
    const talker = await placed("talker", {
      opened: ({ send, request }) => {
        send("stdout", `tail ${request.tail} follow ${request.follow}\n`);
        if (!request.follow) send("exit", '{"code":0}');
      },
    });
    const read = async (options: object) => {
      let all = "";
      for await (const bytes of edge.client.logs(talker, options)) {
        all += Buffer.from(bytes).toString();
        if ("follow" in options) break;
      }
      return all;
    };
    expect(await read({ tail: 5 })).toBe("tail 5 follow false\n");
    expect(await read({ follow: true })).toBe("tail undefined follow true\n");
  });

  it("of a service are asked of its copies", async () => {
    expect(await edge.client.serviceLogs("gateway")).toBe("");
    await expect(edge.client.serviceLogs("gatekeeper")).rejects.toMatchObject({ code: "not-found" });
  });
});

/** Resolves with what ends the reading; the first bytes are awaited before it returns. */
async function followed(name: string): Promise<{ readonly over: Promise<unknown> }> {
  const talker = await placed(name, { opened: ({ send }) => send("stdout", "begun\n") });
  const begun = Promise.withResolvers<void>();
  const read = async () => {
    for await (const bytes of edge.client.logs(talker, { follow: true }))
      if (Buffer.from(bytes).toString().includes("begun")) begun.resolve();
  };
  const over = read().then(
    () => "it ended as if all were well",
    (error: unknown) => error,
  );
  await begun.promise;
  return { over };
}

describe("an agent that is restarted without a word", () => {
  it("ends its sessions with an error, shells and logs, and serves new ones", async () => {
    const idle = await placed("idle", {
      frame: ({ send }, { stream }) => stream === "eof" && send("ack", "0"),
    });
    const session = await edge.client.exec(idle, { command: ["sleep", "infinity"] });
    await eventually("the session is open", () => session.stdin.writable);
    const { over } = await followed("idle-talker");
    // The same record again, as after a change of its address, ends nothing.
    await edge.bus.put("nodes", "node-1", { ...node("node-1"), address: "198.18.0.12" });
    await edge.bus.put("nodes", "node-1", { ...node("node-1"), incarnation: "two" });
    await expect(session.exit).rejects.toThrow("the agent of node-1 was restarted");
    expect(await over).toBeInstanceOf(Error);
    const again = await placed("again", { opened: ({ send }) => send("exit", '{"code":3}') });
    expect(await (await edge.client.exec(again, { command: ["true"] })).exit).toBe(3);
  });
});

describe("a node that is lost", () => {
  it("ends its sessions", async () => {
    const stuck = await placed("stuck", {});
    const session = await edge.client.exec(stuck, { command: ["sleep", "infinity"] });
    await eventually("the session is open", () => session.stdin.writable);
    const { over } = await followed("stuck-talker");
    const at = "2026-01-01T00:00:00.000Z";
    await edge.bus.put("health", nodeHealthKey("node-1"), {
      kind: "node",
      name: "node-1",
      state: "lost",
      incarnation: "one",
      reason: "NoHeartbeat",
      message: "no heartbeat",
      since: at,
    });
    await expect(session.exit).rejects.toThrow("node-1");
    expect(await over).toBeInstanceOf(Error);
  });
});
