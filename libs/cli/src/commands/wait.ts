/** `weft wait`: returns as soon as a resource is ready, or nothing is left of it; or says what it waited for in vain. */
import type { WeftClient } from "@weft/client";
import type { Kind } from "@weft/schemas";
import { WeftError, kinds } from "@weft/schemas";
import type { Command } from "commander";
import { z } from "zod";
import { DurationMs, addCommon, clientOf, readOptions, tenantOf } from "../options.ts";
import { valueText } from "../output/show.ts";
import { print } from "../print.ts";
import { readDocumentTarget } from "../target.ts";

interface Awaited {
  readonly kind: Kind;
  readonly tenant: string;
  readonly name: string;
}

export function addWait(program: Command): void {
  addCommon(program.command("wait"))
    .description("wait until a resource is ready or deleted")
    .argument("<target>", "KIND/NAME")
    .requiredOption("--for <state>", "ready or deleted")
    .option("--timeout <duration>", "how long at most", "60s")
    .action(async (target: string, _options: unknown, command: Command) => {
      const options = readOptions(command, {
        for: z.enum(["ready", "deleted"], { error: "must be ready or deleted" }),
        timeout: DurationMs,
      });
      const awaited = { ...readDocumentTarget(target), tenant: tenantOf(options) };
      const client = clientOf(options);
      const answer =
        options.for === "ready"
          ? await untilReady(client, awaited, options.timeout)
          : await untilDeleted(client, awaited, options.timeout);
      const { kind, name } = awaited;
      const line = `${kinds[kind].token}/${name} ${options.for}\n`;
      await print(options.output === "table" ? line : valueText(options.output, answer));
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

function tooLate(what: string, timeoutMs: number, why: string): WeftError {
  return new WeftError("timeout", `${what} after ${timeoutMs / 1000} s. ${why}.`);
}
