/**
 * One end of the tests' traffic, whichever: takes orders as JSON lines on stdin and answers each with one on stdout (orders.ts).
 * Runs alone in a namespace and imports nothing of Weft. Ends with its stdin.
 */
import { createInterface } from "node:readline";
import { Listener } from "./listener.ts";
import type { Answer, OpenOrder, Order } from "./orders.ts";
import { ChurnGroup, TcpGroup } from "./tcp-groups.ts";
import type { Group } from "./tcp-groups.ts";
import { DatagramGroup } from "./udp-groups.ts";

const groups = new Map<string, Group>();
const listeners: Listener[] = [];
let nextFlow = 1;
let window = 0;

function groupOf(order: OpenOrder): Group {
  const firstFlow = nextFlow;
  // Connections that come and go use more numbers than there are at a time.
  nextFlow += order.kind === "churn" ? 1_000_000 : order.count;
  switch (order.kind) {
    case "tcp":
      return new TcpGroup(order, firstFlow);
    case "churn":
      return new ChurnGroup(order, firstFlow);
    case "udp":
    case "push":
    case "refused":
      return new DatagramGroup(order, firstFlow);
  }
}

async function carryOut(order: Order): Promise<Partial<Answer>> {
  switch (order.op) {
    case "open": {
      if (groups.has(order.group)) throw new Error(`there is a group ${order.group} already`);
      const group = groupOf(order);
      groups.set(order.group, group);
      group.enter(window);
      await group.open();
      return {};
    }
    case "listen":
      for (const address of order.addresses) {
        const listener = new Listener(order.port);
        listener.enter(window);
        await listener.open(address);
        listeners.push(listener);
      }
      return {};
    case "window":
      window = order.window;
      for (const each of [...groups.values(), ...listeners]) each.enter(window);
      return {};
    case "speak":
      await groups.get(order.group)?.speak(order.answerBytes);
      return {};
    case "quiet":
      for (const group of groups.values()) group.quiet();
      return {};
    case "report": {
      const opened = [...groups.values()].map((group) => group.report());
      return { groups: [...opened, ...listeners.flatMap((listener) => listener.reports())] };
    }
    case "close":
      if (order.group !== undefined) groups.get(order.group)?.close();
      else for (const each of [...groups.values(), ...listeners]) each.close();
      return {};
  }
}

function answer(said: Partial<Answer>): void {
  process.stdout.write(`${JSON.stringify({ at: Date.now(), ...said })}\n`);
}

for await (const line of createInterface({ input: process.stdin })) {
  const order: Order = JSON.parse(line);
  try {
    answer(await carryOut(order));
  } catch (error) {
    answer({ failed: error instanceof Error ? error.message : String(error) });
  }
}
process.exit(0);
