/**
 * The traffic programs against each other over the loopback, and what they say when something goes wrong: a proof by them is worth
 * nothing unless they notice.
 */
import { createSocket } from "node:dgram";
import { createServer } from "node:net";
import { eventually, freePorts } from "@weft/testkit";
import { afterEach, describe, expect, it } from "vitest";
import { Endpoint } from "./endpoint.ts";
import { decodeFrame, encodeFrame } from "./programs/frame.ts";
import type { OpenOrder } from "./programs/orders.ts";
import { summarize } from "./summary.ts";
import type { Summary } from "./summary.ts";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

function endpoint(name: string): Endpoint {
  const started = new Endpoint(name);
  ends.push(() => started[Symbol.asyncDispose]());
  return started;
}

async function server(): Promise<{ readonly endpoint: Endpoint; readonly port: number }> {
  const [port = 0] = await freePorts(1);
  const started = endpoint("server");
  await started.order({ op: "listen", addresses: ["127.0.0.1"], port });
  return { endpoint: started, port };
}

const flows = (kind: OpenOrder["kind"], port: number, more: Partial<OpenOrder> = {}): OpenOrder => ({
  op: "open",
  group: kind,
  kind,
  from: ["127.0.0.2", "127.0.0.3"],
  to: [{ host: "127.0.0.1", port }],
  count: 10,
  everyMs: 20,
  bytes: 200,
  stallMs: 500,
  ...more,
});

async function sumOf(group: string, ...endpoints: readonly Endpoint[]): Promise<Summary> {
  const reports = await Promise.all(endpoints.map((each) => each.reports()));
  const sum = summarize(reports.flat())[group];
  if (sum === undefined) throw new Error(`nobody reports ${group}`);
  return sum;
}

describe("flows that nothing disturbs", () => {
  it("are all open, all answered, with no byte wrong, of every kind and in their windows", async () => {
    const { endpoint: far, port } = await server();
    const near = endpoint("client");
    for (const kind of ["tcp", "udp", "push"] as const) await near.order(flows(kind, port));
    await near.order(flows("udp", port, { group: "big", bytes: 4_000 }));
    for (const each of [near, far]) await each.order({ op: "window", window: 1 });
    await eventually("messages of all kinds came", async () => {
      const sums = await Promise.all(["tcp", "udp", "push", "big"].map((kind) => sumOf(kind, near, far)));
      return sums.every(({ received }) => (received[1] ?? 0) > 50);
    });
    await near.order({ op: "quiet" });
    for (const kind of ["tcp", "udp", "push", "big"])
      await eventually(`nothing of ${kind} is under way`, async () => {
        const { opened, notOpened, broken, wrong, lost, doubled } = await sumOf(kind, near, far);
        expect({ opened, notOpened, broken, wrong, doubled }).toEqual({
          opened: 10,
          notOpened: 0,
          broken: 0,
          wrong: 0,
          doubled: 0,
        });
        return lost[1] === 0;
      });
    expect((await sumOf("asked", far)).wrong).toBe(0);
  });

  it("come and go: each short connection is answered", async () => {
    const { port } = await server();
    const near = endpoint("client");
    await near.order(flows("churn", port, { everyMs: 5 }));
    await eventually("many have come and gone", async () => (await sumOf("churn", near)).opened > 100);
    expect(await sumOf("churn", near)).toMatchObject({ notOpened: 0, broken: 0, wrong: 0 });
  });

  it("that are silent break only if they are not answered when they speak", async () => {
    const { endpoint: far, port } = await server();
    const near = endpoint("client");
    await near.order(flows("tcp", port, { everyMs: 0 }));
    await near.order({ op: "speak", group: "tcp" });
    expect(await sumOf("tcp", near)).toMatchObject({ opened: 10, broken: 0 });
    far.signal("SIGSTOP");
    await near.order({ op: "speak", group: "tcp" });
    const { broken, breakages } = await sumOf("tcp", near);
    expect(broken).toBe(10);
    expect(breakages.map(({ reason }) => reason)).toContain("no answer for 500 ms");
  });
});

describe("flows that something disturbs", () => {
  it("are broken once the other side closes them, and do not open once nobody is there", async () => {
    const { endpoint: far, port } = await server();
    const near = endpoint("client");
    await near.order(flows("tcp", port, { stallMs: 60_000 }));
    await far.order({ op: "close" });
    await eventually("all broke", async () => (await sumOf("tcp", near)).broken === 10);
    await near.order(flows("tcp", port, { group: "late" }));
    expect(await sumOf("late", near)).toMatchObject({ opened: 0, notOpened: 10 });
  });

  it("tell a wrong byte in a stream", async () => {
    const [port = 0] = await freePorts(1);
    const liar = createServer((socket) => {
      socket.on("error", () => socket.destroy());
      socket.on("data", (chunk: Buffer) => {
        chunk[30] = (chunk[30] ?? 0) ^ 1;
        socket.write(chunk);
      });
    }).listen(port, "127.0.0.1");
    ends.push(() => new Promise((closed) => liar.close(closed)));
    const near = endpoint("client");
    await near.order(flows("tcp", port, { count: 3 }));
    expect(await sumOf("tcp", near)).toMatchObject({ wrong: 3, broken: 3 });
  });

  it("count datagrams that are lost, doubled, out of order or wrong, and how long an outage was", async () => {
    const [port = 0] = await freePorts(1);
    const crooked = createSocket("udp4").bind(port, "127.0.0.1");
    ends.push(() => new Promise<void>((closed) => crooked.close(closed)));
    const held: Buffer[] = [];
    crooked.on("message", (message, peer) => {
      const sequence = decodeFrame(Buffer.from(message))?.sequence ?? 0;
      if (sequence >= 5 && sequence < 15) return; // lost: 10 in a row
      const answer = answerTo(message);
      if (sequence === 20) answer[30] = (answer[30] ?? 0) ^ 1;
      if (sequence === 25) return void held.push(answer);
      crooked.send(answer, peer.port, peer.address);
      if (sequence === 26) crooked.send(held.pop() ?? answer, peer.port, peer.address);
      if (sequence === 30) crooked.send(answer, peer.port, peer.address);
    });
    const near = endpoint("client");
    await near.order(flows("udp", port, { count: 1 }));
    await near.order({ op: "window", window: 1 });
    await eventually("the fortieth came", async () => ((await sumOf("udp", near)).sent[1] ?? 0) > 40);
    await near.order({ op: "quiet" });
    const { lost, doubled, reordered, wrong, outages } = await sumOf("udp", near);
    expect({ doubled, reordered, wrong }).toEqual({ doubled: 1, reordered: 1, wrong: 1 });
    expect(lost[1]).toBeGreaterThanOrEqual(11);
    expect(outages["≤ 300 ms"]).toBe(1);
  });

  it("tell that nobody listens, and count the ICMP errors that say so", async () => {
    const [port = 0] = await freePorts(1);
    const near = endpoint("client");
    await near.order(flows("refused", port, { count: 2 }));
    await eventually("refusals came", async () => ((await sumOf("refused", near)).received[0] ?? 0) > 10);
    expect(await sumOf("refused", near)).toMatchObject({ opened: 2, broken: 0 });
  });
});

/** As a listener that answers right would. */
function answerTo(message: Buffer): Buffer {
  const frame = decodeFrame(Buffer.from(message));
  if (frame === undefined) throw new Error("not a message of the endpoint's");
  return encodeFrame({ ...frame, kind: "answer" }, frame.answerBytes);
}
