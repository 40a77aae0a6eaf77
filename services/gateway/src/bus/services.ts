/** Weft's own services: who is registered in Consul and who leads, and the latest log lines, asked of every copy. */
import { NoRespondersError, RequestError } from "@nats-io/transport-node";
import type { Bus } from "@weft/bus";
import { listServices } from "@weft/consul";
import type { ServiceRow } from "@weft/schemas";
import { WeftError, serviceLogsSubject } from "@weft/schemas";
import { z } from "zod";
import type { ServicesPort } from "../ports.ts";

export const serviceNames = [
  "agent",
  "gateway",
  "health",
  "intent",
  "network-stitcher",
  "scheduler",
] as const;

/** Waits so long for further copies after each answer, and so long in all. */
const stallMs = 300;
const maxWaitMs = 2000;

/** What each copy keeps. */
const keptLines = 1000;

const Lines = z.object({ lines: z.array(z.string()) });

export function servicesPort(bus: Bus, consulUrl: string): ServicesPort {
  return {
    list: () => listRows(consulUrl),
    logs: async (service, tail) => {
      const copies = await askCopies(bus, service, Math.min(tail, keptLines));
      if (copies.length === 0)
        throw new WeftError(
          "not-found",
          `No copy of a service ${service} answers; there are ${serviceNames.join(", ")}.`,
        );
      return tail === 0 ? [] : byTime(copies.flat()).slice(-tail);
    },
  };
}

/** Shards are registered in Consul too; they are no services of Weft. */
async function listRows(consulUrl: string): Promise<ServiceRow[]> {
  try {
    const found = await Promise.all(serviceNames.map((name) => listServices(consulUrl, { name })));
    return found.flat().map(({ name, id, address, state, leader }) => ({ name, id, address, state, leader }));
  } catch (cause) {
    throw new WeftError("unavailable", "Consul does not answer.", { cause, concerns: "consul" });
  }
}

async function askCopies(bus: Bus, service: string, tail: number): Promise<string[][]> {
  const copies: string[][] = [];
  try {
    const answers = await bus.connection.requestMany(serviceLogsSubject(service), JSON.stringify({ tail }), {
      strategy: "stall",
      stall: stallMs,
      maxWait: maxWaitMs,
    });
    for await (const answer of answers) {
      const parsed = Lines.safeParse(jsonOf(answer));
      if (parsed.success) copies.push(parsed.data.lines);
    }
  } catch (error) {
    if (!(error instanceof NoRespondersError) && !(error instanceof RequestError)) throw error;
  }
  return copies;
}

function jsonOf(message: { json(): unknown; readonly data: Uint8Array }): unknown {
  try {
    return message.json();
  } catch {
    return undefined; // the server's empty "no responders"
  }
}

/** Each line is JSON with a `time` in RFC 3339; one that is not stays beside its neighbour. */
function byTime(lines: readonly string[]): string[] {
  let last = "";
  const timed = lines.map((line) => {
    last = /"time":"([^"]+)"/.exec(line)?.[1] ?? last;
    return { line, time: last };
  });
  return timed.toSorted((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0)).map(({ line }) => line);
}
