/**
 * A lab comes up whole and goes without a trace, however it ends. Runs the backing servers, Open vSwitch and OVN
 * without Weft's services; needs root and the machine's lab to itself.
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, statSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { labStatus, startLab, stopLab } from "@weft/lab";
import type { LabState } from "@weft/lab";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { traceMachine } from "./machine-trace.ts";
import type { MachineTrace } from "./machine-trace.ts";

const folder = process.env["WEFT_LAB_DIR"] ?? "/run/weft/test";
const options = { folder, nodes: 2, services: false } as const;
const gone = { timeout: 30_000, interval: 50 };
let before: MachineTrace;

beforeEach(async () => {
  await stopLab({ folder });
  before = traceMachine(folder);
});

afterEach(async () => {
  await stopLab({ folder });
});

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port });
    socket.once("connect", () => socket.destroy());
    socket.once("connect", () => resolve(true));
    socket.once("error", () => resolve(false));
  });
}

function hostAndPort(endpoint: string): [string, number] {
  const url = new URL(endpoint.replace(/^tcp:/, "tcp://"));
  return [url.hostname, Number(url.port)];
}

function chassis(state: LabState): string[] {
  const database = `--db=${state.endpoints?.southbound}`;
  const printed = execFileSync("ovn-sbctl", [database, "--bare", "--columns=name", "list", "chassis"]);
  return printed.toString().split("\n").filter(Boolean).sort();
}

async function expectWhole(state: LabState): Promise<void> {
  expect(labStatus(folder)).toEqual(state);
  expect(chassis(state)).toEqual(["node-1", "node-2"]);
  const { nats, consul, northbound, southbound } = state.endpoints ?? {};
  for (const endpoint of [nats, consul, northbound, southbound])
    expect(await answers(...hostAndPort(endpoint ?? "")), endpoint).toBe(true);
}

/** What a neighbour on a wire of this machine gets from an address that it routes here: an answer of TCP, or silence. */
function fromNeighbour(host: string, port: number): "answer" | "silence" {
  const ip = (line: string) => execFileSync("ip", line.split(" "));
  const connect = `const socket = require("net").connect(${port}, "${host}");
    const end = (word) => { console.log(word); process.exit(); };
    socket.once("connect", () => end("answer")).once("error", () => end("answer")).setTimeout(1500, () => end("silence"));`;
  ip("netns add neighbour");
  try {
    ip("link add name wire mtu 1500 type veth peer name wire netns neighbour");
    ip("address add 198.19.255.1/30 dev wire");
    ip("link set wire up");
    ip("-n neighbour address add 198.19.255.2/30 dev wire");
    ip("-n neighbour link set wire up");
    ip("-n neighbour route add 198.18.0.0/24 via 198.19.255.1");
    const enter = ["--net=/run/netns/neighbour", process.execPath, "-e", connect];
    return execFileSync("nsenter", enter).toString().trim() === "answer" ? "answer" : "silence";
  } finally {
    ip("netns delete neighbour");
  }
}

function inNode(state: LabState, index: number, ...command: string[]): string {
  const namespace = state.endpoints?.nodes[index]?.namespace ?? "";
  return execFileSync("nsenter", [`--net=/run/netns/${namespace}`, ...command]).toString();
}

/** The lab's own list of what is its: by no name alone is a process killed here. */
async function pidsOf(name: string): Promise<number[]> {
  const planned = await stopLab({ folder, dryRun: true });
  const found = planned.filter((each) => each.kind === "process" && each.name.endsWith(name));
  return found.map((each) => Number(each.name.split(" ")[0]));
}

async function killOne(name: string): Promise<void> {
  const [pid] = await pidsOf(name);
  if (pid === undefined) throw new Error(`no ${name} runs in the lab`);
  process.kill(pid, "SIGKILL");
}

describe("a lab that is up", () => {
  it("has every chassis registered, and answers at every endpoint that it names", async () => {
    const state = await startLab(options);
    expect(state.phase).toBe("ready");
    await expectWhole(state);
    expect(state.endpoints).not.toHaveProperty("gateway");
  });

  it("keeps its token from everybody but root", async () => {
    const state = await startLab(options);
    const file = state.endpoints?.tokenFile ?? "";
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, "utf8").trim()).toMatch(/^[0-9a-f]{64}$/);
  });

  it("carries full-size frames between its nodes, and TCP from a node to the control plane", async () => {
    const state = await startLab(options);
    const peer = state.endpoints?.nodes[1]?.address ?? "";
    expect(inNode(state, 0, "ping", "-c", "1", "-W", "5", "-M", "do", "-s", "8900", peer)).toContain(
      "1 received",
    );
    const connect = `require("net").connect(4222, "198.18.0.1").once("data", (d) => { console.log(String(d)); process.exit() })`;
    expect(inNode(state, 0, process.execPath, "-e", connect)).toContain("INFO");
  });

  it("is taken as it is by a second start, and refuses one of another size", async () => {
    const first = await startLab(options);
    expect(await startLab(options)).toEqual(first);
    await expect(startLab({ ...options, nodes: 1 })).rejects.toThrow(/2 nodes is ready already/);
  });

  it("stays whole when another folder's `up` and `down` are refused, which name it", async () => {
    const state = await startLab(options);
    const other = `${folder}-2`;
    const refusal = {
      code: "conflict",
      message: expect.stringContaining(`WEFT_LAB_DIR=${folder} weft down`),
    };
    await expect(startLab({ ...options, folder: other })).rejects.toMatchObject(refusal);
    await expectWhole(state);
    await expect(stopLab({ folder: other })).rejects.toMatchObject(refusal);
    await expect(stopLab({ folder: other, dryRun: true })).rejects.toMatchObject(refusal);
    await expectWhole(state);
  });

  it("is one lab after two starts at once, of which one is refused", async () => {
    const outcomes = await Promise.allSettled([startLab(options), startLab(options)]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    for (const outcome of outcomes)
      if (outcome.status === "fulfilled") await expectWhole(outcome.value);
      else expect(outcome.reason).toMatchObject({ code: "conflict" });
  });

  it("answers nobody who routes its addresses to this machine from outside", async () => {
    await startLab(options);
    expect(await answers("198.18.0.1", 4222)).toBe(true);
    expect(fromNeighbour("198.19.255.1", 4222)).toBe("answer"); // nothing listens there: refused, but not dropped
    expect(fromNeighbour("198.18.0.1", 4222)).toBe("silence");
  });

  it("brings back what dies, with what died with it", async () => {
    const state = await startLab(options);
    await killOne("nats-server");
    await killOne("ovs-vswitchd");
    await vi.waitFor(async () => expect(await answers("198.18.0.1", 4222)).toBe(true), gone);
    const ping = (peer: string) => inNode(state, 0, "ping", "-c", "1", "-W", "1", peer);
    await vi.waitFor(() => expect(ping("198.18.0.1")).toContain("1 received"), gone);
    await vi.waitFor(() => expect(ping("198.18.0.12")).toContain("1 received"), gone);
  });
});

describe("a lab that cannot start", () => {
  it("names the port that is in use and who has it, and leaves nothing", async () => {
    const other = net.createServer().listen(4222, "0.0.0.0");
    await once(other, "listening");
    await expect(startLab(options)).rejects.toThrow(new RegExp(`port 4222 \\(nats\\).*pid ${process.pid}`));
    other.close();
    expect(traceMachine(folder)).toEqual(before);
  });
});

describe("a lab that ends", () => {
  it("by `down` leaves nothing", async () => {
    await startLab(options);
    const planned = await stopLab({ folder, dryRun: true });
    expect(planned.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(["process", "namespace", "link", "folder"]),
    );
    expect(labStatus(folder)?.phase).toBe("ready");
    await stopLab({ folder });
    expect(labStatus(folder)).toBeUndefined();
    expect(traceMachine(folder)).toEqual(before);
  });

  it("by `down` leaves alone what somebody else called like a thing of its own", async () => {
    await startLab(options);
    const [namespace, link] = ["weft-foo", "weft-bar"];
    execFileSync("ip", ["netns", "add", namespace]);
    execFileSync("ip", ["link", "add", link, "type", "veth", "peer", "name", `${link}-2`]);
    const inside = spawn("nsenter", [`--net=/run/netns/${namespace}`, "sleep", "infinity"]);
    try {
      const planned = await stopLab({ folder });
      expect(planned.map(({ name }) => name)).toEqual(
        expect.not.arrayContaining([namespace, link, `${inside.pid} sleep`]),
      );
      const { namespaces, links } = traceMachine(folder);
      expect({ namespaces, links }).toEqual({
        namespaces: [...before.namespaces, namespace],
        links: expect.arrayContaining([`${link}@${link}-2`]),
      });
      expect(inside.exitCode ?? inside.signalCode).toBeNull();
    } finally {
      inside.kill("SIGKILL");
      execFileSync("ip", ["link", "delete", link]);
      execFileSync("ip", ["netns", "delete", namespace]);
    }
    // The next lab's end takes the folder of namespaces that this one had to leave.
    await startLab(options);
    await stopLab({ folder });
    expect(traceMachine(folder)).toEqual(before);
  });

  it("by kill -9 of its supervisor leaves nothing after `down`", async () => {
    const state = await startLab(options);
    process.kill(state.supervisor.pid, "SIGKILL");
    await stopLab({ folder });
    expect(traceMachine(folder)).toEqual(before);
  });

  it("by kill -9 of everything is cleaned by the next start", async () => {
    await startLab(options);
    for (const pid of await pidsOf("")) process.kill(pid, "SIGKILL");
    await vi.waitFor(() => expect(labStatus(folder)).toBeUndefined(), gone);
    const again = await startLab(options);
    expect(chassis(again)).toEqual(["node-1", "node-2"]);
    await stopLab({ folder });
    expect(traceMachine(folder)).toEqual(before);
  });

  it("by an interrupt at any step of its start leaves nothing", async () => {
    for (const at of ["laying", "starting"]) {
      const interrupt = new AbortController();
      const onStep = (text: string) => (text.startsWith(at) ? interrupt.abort() : undefined);
      await expect(startLab({ ...options, signal: interrupt.signal, onStep })).rejects.toThrow(/interrupted/);
      expect(traceMachine(folder)).toEqual(before);
    }
  });

  it("by kill -9 of whoever started it, before it was ready, leaves nothing", async () => {
    const index = path.resolve(import.meta.dirname, "../../libs/lab/src/index.ts");
    const script = `import { startLab } from ${JSON.stringify(index)};
      await startLab({ ...${JSON.stringify(options)}, onStep: (text) => console.log(text) });`;
    const starter = spawn(process.execPath, ["--input-type=module", "--eval", script]);
    await once(starter.stdout, "data");
    starter.kill("SIGKILL");
    await vi.waitFor(() => expect(traceMachine(folder)).toEqual(before), gone);
  });
});
