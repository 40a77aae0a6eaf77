/**
 * echo-client: takes orders as JSON lines on stdin and answers each with one on stdout (messages.ts).
 * Keeps the connections that it opens until it is told to close them or stdin ends.
 * Runs alone inside a workload, so it imports nothing of Weft.
 */
import { createInterface } from "node:readline";
import { HeldConnection } from "./held-connection.ts";
import type { Order, Report } from "./messages.ts";

let held: HeldConnection[] = [];

async function open(order: Extract<Order, { op: "open" }>): Promise<Report> {
  const attempts = Array.from({ length: order.count }, () =>
    HeldConnection.open(order.host, order.port, order.timeoutMs),
  );
  const opened = (await Promise.all(attempts)).filter((connection) => connection !== undefined);
  const answers = await Promise.all(opened.map((connection) => connection.echo(order.timeoutMs)));
  held.push(...opened);
  const done = answers.filter(Boolean).length;
  return { done, failed: order.count - done };
}

async function check(timeoutMs: number): Promise<Report> {
  const answers = await Promise.all(held.map((connection) => connection.echo(timeoutMs)));
  const done = answers.filter(Boolean).length;
  return { done, failed: answers.length - done };
}

async function attempt(order: Extract<Order, { op: "attempt" }>): Promise<Report> {
  const tried = await Promise.all(
    order.ports.map(async (port) => {
      const connection = await HeldConnection.open(order.host, port, order.timeoutMs);
      connection?.close();
      return { port, reached: connection !== undefined };
    }),
  );
  const reached = tried.filter((each) => each.reached).map((each) => each.port);
  return { done: tried.length - reached.length, failed: reached.length, reached };
}

function close(): Report {
  const done = held.length;
  for (const connection of held) connection.close();
  held = [];
  return { done, failed: 0 };
}

async function carryOut(order: Order): Promise<Report> {
  switch (order.op) {
    case "open":
      return open(order);
    case "check":
      return check(order.timeoutMs);
    case "attempt":
      return attempt(order);
    case "close":
      return close();
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const order: Order = JSON.parse(line);
  process.stdout.write(`${JSON.stringify(await carryOut(order))}\n`);
}
close();
