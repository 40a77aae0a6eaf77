/** `weft describe`: one thing in full: what was asked, how it is, why it is not ready if it isn't, and what happened to it. */
import type { WeftClient } from "@weft/client";
import { isReady } from "@weft/client";
import type { Resource, WeftEvent } from "@weft/schemas";
import { WeftError, kinds } from "@weft/schemas";
import type { Command } from "commander";
import { stringify } from "yaml";
import { z } from "zod";
import { addCommon, clientOf, readOptions, tenantOf } from "../options.ts";
import { ageOf } from "../output/age.ts";
import { valueText } from "../output/show.ts";
import { tableText } from "../output/table.ts";
import { print } from "../print.ts";
import { readTarget } from "../target.ts";
import type { Target } from "../target.ts";
import { UsageError } from "../usage-error.ts";
import { eventColumns } from "./events.ts";

const shownEvents = 20;

interface Description {
  /** The resource, or the row of what is no document. */
  readonly value: unknown;
  /** In a line, for people. */
  readonly head: string;
  readonly events: readonly WeftEvent[];
}

export function addDescribe(program: Command): void {
  addCommon(program.command("describe"))
    .description("one thing in full, and why it is not ready if it isn't")
    .argument("<target>", "KIND/NAME; also shard/NAME and node/NAME")
    .action(async (text: string, _options: unknown, command: Command) => {
      const options = readOptions(command, {});
      const found = await describe(clientOf(options), readTarget(text), tenantOf(options));
      await print(
        options.output === "table"
          ? descriptionText(found, Date.now())
          : valueText(options.output, { resource: found.value, events: found.events }),
      );
    });
}

async function describe(client: WeftClient, { kind, name }: Target, tenant: string): Promise<Description> {
  if ("document" in kind) {
    const resource = await client.get(kind.document, tenant, name).catch(async (error: unknown) => {
      throw await leavingInstead(client, error, { kind: kind.document, tenant, name });
    });
    const head = [headOf(resource), ...drainsOf(resource)].join("\n");
    return {
      value: resource,
      head,
      events: await eventsOf(client, kinds[kind.document].token, { tenant, name }),
    };
  }
  if (kind.rows === "shards") {
    const row = await client.shard(tenant, name);
    return {
      value: row,
      head: [
        `shard/${name} is ${row.state}.`,
        ...(row.drain === null ? [] : [`It waits for ${row.drain.waitsFor}.`]),
      ].join("\n"),
      events: await eventsOf(client, "shard", { tenant, name }),
    };
  }
  if (kind.rows === "nodes") {
    const row = await client.node(name);
    return {
      value: row,
      head: [
        `node/${name} is ${row.state}.`,
        ...(row.drain?.waitsFor ?? []).map((phrase) => `Its drain waits for ${phrase}.`),
      ].join("\n"),
      events: await eventsOf(client, "node", { name }),
    };
  }
  throw new UsageError(
    `${kind.rows} are not described: this takes KIND/NAME of a document, shard/NAME or node/NAME`,
  );
}

/** Not there, but something is left of it: that is what whoever deleted it wants to know. */
async function leavingInstead(
  client: WeftClient,
  error: unknown,
  { kind, tenant, name }: { kind: Resource["kind"]; tenant: string; name: string },
): Promise<unknown> {
  if (!(error instanceof WeftError) || error.code !== "not-found") return error;
  const left = await client.remains(kind, tenant, name);
  if (left.length === 0) return error;
  return new WeftError("not-found", `${kind} ${name} is being deleted; there is still ${left.join(", ")}.`);
}

async function eventsOf(
  client: WeftClient,
  kind: string,
  of: { readonly tenant?: string; readonly name: string },
): Promise<WeftEvent[]> {
  return client.events({ ...of, kind, limit: shownEvents });
}

function headOf(resource: Resource): string {
  const { name } = resource.metadata;
  const condition = resource.status.conditions.find(({ type }) => type === "Ready");
  const word = kinds[resource.kind].token;
  if (condition === undefined || isReady(resource)) return `${word}/${name} is ready.`;
  const since = ageOf(condition.since, Date.now());
  return `${word}/${name} is not ready (${condition.reason}, for ${since}): ${condition.message}.`;
}

const Drains = z.array(z.object({ shard: z.string(), waitsFor: z.string() }));

/** Of a group: its shards that leave, and what each waits for. */
function drainsOf({ status }: Resource): string[] {
  const { data = [] } = Drains.safeParse(status["drains"]);
  return data.map(({ shard, waitsFor }) => `${shard} is leaving: it waits for ${waitsFor}.`);
}

export function descriptionText({ value, head, events }: Description, nowMs: number): string {
  const body = stringify(value, { lineWidth: 0 });
  const happened = events.length === 0 ? "none\n" : tableText(eventColumns, events, nowMs);
  return `${head}\n\n${body}\nevents:\n${happened.replaceAll(/^(?=.)/gm, "  ")}`;
}
