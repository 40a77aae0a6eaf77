/**
 * Answers for a service's latest log lines, so that `weft logs service/…` needs no file of any machine.
 * Reads the log's memory; every copy of the service answers for itself.
 * Gathering the answers is left to the gateway.
 */
import { hostname } from "node:os";
import type { Log } from "@weft/runtime";
import { recentLines } from "@weft/runtime";
import { WeftError, serviceLogsSubject } from "@weft/schemas";
import { z } from "zod";
import type { Bus } from "./bus.ts";

const Request = z.object({ tail: z.number().int().min(0).max(1_000).default(200) });
export const ServiceLogs = z.object({ id: z.string(), lines: z.array(z.string()) });
/** `id` tells the copies apart. Each line is one JSON object as text. */
export type ServiceLogs = z.infer<typeof ServiceLogs>;

export function serveLogs(
  bus: Bus,
  service: string,
  log: Log,
  id = `${service}@${hostname()}-${process.pid}`,
): Disposable {
  return bus.respond(serviceLogsSubject(service), async (data): Promise<ServiceLogs> => {
    const request = Request.safeParse(data ?? {});
    if (!request.success) throw new WeftError("invalid-request", `${z.prettifyError(request.error)}.`);
    return { id, lines: recentLines(log, request.data.tail) };
  });
}
