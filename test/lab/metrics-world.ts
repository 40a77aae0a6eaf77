/**
 * What the test of metrics looks at and sends: series as scraped from the places that Consul names, and bulk one way between a client
 * and the server, by programs that know how much they sent.
 */
import { readFileSync, readdirSync } from "node:fs";
import { listServices } from "@weft/consul";
import type { DemoWeft } from "../../libs/lab/src/demo/demonstration.ts";
import { clientName } from "../../libs/lab/src/demo/world.ts";
import { serverAddress } from "./edge.ts";

export interface Wanted {
  readonly name: string;
  /** Those that a series must have, among others. */
  readonly labels: Readonly<Record<string, string>>;
}

export interface Value {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** One series as all copies of a service tell it now. */
export async function readSeries(
  consul: string,
  service: string,
  { name, labels }: Wanted,
): Promise<Value[]> {
  const wanted = Object.entries(labels);
  return (await scrape(consul, service))
    .flatMap((text) => text.split("\n"))
    .flatMap((line): Value[] => {
      const [, told, within = "", value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      if (told !== name) return [];
      const found = Object.fromEntries(
        [...within.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, text]) => [key, text ?? ""]),
      );
      return wanted.every(([key, text]) => found[key] === text)
        ? [{ labels: found, value: Number(value) }]
        : [];
    });
}

/** Name and type of every series of Weft's that any process tells. */
export async function typesOf(consul: string): Promise<Record<string, string>> {
  const texts = await scrape(consul);
  return Object.fromEntries(
    texts.flatMap((text) =>
      [...text.matchAll(/^# TYPE (weft_\w+) (\w+)$/gm)].map(([, name, type]) => [name, type]),
    ),
  );
}

async function scrape(consul: string, service?: string): Promise<string[]> {
  const copies = await listServices(consul, service === undefined ? {} : { name: service });
  const places = new Set(copies.flatMap(({ meta }) => meta["metrics"] ?? []));
  return Promise.all([...places].map(async (place) => (await fetch(`http://${place}/metrics`)).text()));
}

/** Process id of a node's agent. */
export function agentOf(node: string): number {
  const found = readdirSync("/proc").find((entry) => {
    if (!/^\d+$/.test(entry)) return false;
    try {
      return (
        readFileSync(`/proc/${entry}/cmdline`, "utf8").includes("services/agent/src/main.ts") &&
        readFileSync(`/proc/${entry}/environ`, "utf8").split("\0").includes(`WEFT_NODE=${node}`)
      );
    } catch {
      return false; // ended meanwhile
    }
  });
  return Number(found ?? 0);
}

/** What a workload's own interface has sent, headers and whatever was sent twice included. */
export async function sentBy(lab: DemoWeft, workload: string): Promise<{ bytes: number; packets: number }> {
  const text = await lab.run("workload", workload, ["cat", "/proc/net/dev"]);
  const fields = /^\s*net0:\s*(.*)$/m.exec(text)?.[1]?.trim().split(/\s+/).map(Number) ?? [];
  return { bytes: fields[8] ?? 0, packets: fields[9] ?? 0 };
}

/** In the server's workload: swallows what comes. */
export function bulkSink(lab: DemoWeft, port: number): Promise<AsyncDisposable> {
  return serve(lab, port, "socket.resume()");
}

/** In the server's workload: sends so much to whoever connects. */
export function bulkSource(lab: DemoWeft, o: { port: number; bytes: number }): Promise<AsyncDisposable> {
  return serve(lab, o.port, `socket.end(Buffer.alloc(${o.bytes}))`);
}

async function serve(lab: DemoWeft, port: number, each: string): Promise<AsyncDisposable> {
  const program = `
    process.stdin.resume().on("end", () => process.exit());
    require("node:net").createServer((socket) => { socket.on("error", () => {}); ${each}; })
      .listen(${port}, "0.0.0.0", () => console.log("listening"));`;
  const session = await lab.session("server", [process.execPath, "-e", program]);
  await session.lines.next();
  return { [Symbol.asyncDispose]: () => session.close() };
}

/** From the first client; resolves when the kernel has all of it acknowledged and the connection is closed. */
export async function sendBulk(
  lab: DemoWeft,
  { port, bytes }: { port: number; bytes: number },
): Promise<void> {
  const program = `
    const socket = require("node:net").connect(${port}, "${serverAddress}", () => socket.end(Buffer.alloc(${bytes})));
    socket.resume();`;
  await lab.run("workload", clientName(0), [process.execPath, "-e", program]);
}

/** To the first client; resolves to how much came. */
export async function takeBulk(lab: DemoWeft, port: number): Promise<number> {
  const program = `
    let taken = 0;
    require("node:net").connect(${port}, "${serverAddress}")
      .on("data", (data) => (taken += data.length)).on("close", () => console.log(taken));`;
  return Number(await lab.run("workload", clientName(0), [process.execPath, "-e", program]));
}
