/**
 * `weft wait`: returns as soon as a resource is ready, nothing is left of it, or nothing is left on a node that must move;
 * or says what it waited for in vain.
 */
import type { WeftClient } from "@weft/client";
import { isDrained } from "@weft/client";
import type { Kind, NodeRow } from "@weft/schemas";
import { WeftError, kinds } from "@weft/schemas";
import type { Command } from "commander";
import { z } from "zod";
import { DurationMs, addCommon, clientOf, readOptions, tenantOf } from "../options.ts";
import { valueText } from "../output/show.ts";
import { print } from "../print.ts";
import { readDocumentTarget, readNode } from "../target.ts";

interface Awaited {
  readonly kind: Kind;
  readonly tenant: string;
  readonly name: string;
}

export function addWait(program: Command): void {
  addCommon(program.command("wait"))
    .description("wait until a resource is ready or deleted, or a node drained")
    .argument("<target>", "KIND/NAME")
    .requiredOption("--for <state>", "ready or deleted; of node/NAME drained")
    .option("--timeout <duration>", "how long at most", "60s")
    .action(async (target: string, _options: unknown, command: Command) => {
      const options = readOptions(command, {
        for: z.enum(["ready", "deleted", "drained"], { error: "must be ready, deleted or drained" }),
        timeout: DurationMs,
      });
      if (options.for === "drained") {
        const row = await untilDrained(clientOf(options), readNode(target), options.timeout);
        return print(
          options.output === "table" ? `node/${row.name} drained\n` : valueText(options.output, row),
        );
      }
      const awaited = { ...readDocumentTarget(target), tenant: tenantOf(options) };
      const client = clientOf(options);
      const answer =
        options.for === "ready"
          ? await untilReady(client, awaited, options.timeout)
          : await untilDeleted(client, awaited, options.timeout);
      const { kind, name } = awaited;
      const line = `${kinds[kind].token}/${name} ${options.for}\n`;
      return print(options.output === "table" ? line : valueText(options.output, answer));
    });
}

async function untilReady(client: WeftClient, { kind, tenant, name }: Awaited, timeoutMs: number) {
  const late = AbortSignal.timeout(timeoutMs);
  try {
    return await client.ready(kind, tenant, name, late);
  } catch (error) {
    if (!late.aborted) throw error;
    const { status } = await client.get(kind, tenant, name);
    const condition = status.conditions.find(({ type }) => type === "Ready");
    if (condition?.status === "True") return client.get(kind, tenant, name);
    throw tooLate(`${kind} ${name} is not ready`, timeoutMs, `${condition?.reason}: ${condition?.message}`);
  }
}

async function untilDeleted(client: WeftClient, { kind, tenant, name }: Awaited, timeoutMs: number) {
  const late = AbortSignal.timeout(timeoutMs);
  try {
    await client.deleted(kind, tenant, name, late);
  } catch (error) {
    if (!late.aborted) throw error;
    const left = await client.remains(kind, tenant, name);
    if (left.length > 0)
      throw tooLate(`${kind} ${name} is not gone`, timeoutMs, `there is still ${left.join(", ")}`);
  }
  return { kind, tenant, name, deleted: true };
}

async function untilDrained(client: WeftClient, node: string, timeoutMs: number): Promise<NodeRow> {
  const late = AbortSignal.timeout(timeoutMs);
  try {
    return await client.drained(node, late);
  } catch (error) {
    if (!late.aborted) throw error;
    const row = await client.node(node);
    if (isDrained(row)) return row;
    const why = row.drain === null ? "nobody asked for it" : row.drain.waitsFor.join("; ");
    throw tooLate(`Node ${node} is not drained`, timeoutMs, why);
  }
}

function tooLate(what: string, timeoutMs: number, why: string): WeftError {
  return new WeftError("timeout", `${what} after ${timeoutMs / 1000} s. ${why}.`);
}
