/**
 * What the services really did, to be held against a plan: steps from the services' own logs, rows from OVN's northbound database.
 * Names of placements are read from the bucket's stream, since an agent's log has their uids alone.
 */
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import type { ActualNetwork } from "@weft/decide";
import { northboundWatch, readNetwork } from "@weft/ovn";
import { OvnNorthbound, OvsdbClient } from "@weft/ovsdb";
import type { PlannedStep } from "@weft/schemas";
import { z } from "zod";
import { weftDone } from "./command-line.ts";

const Line = z.object({
  time: z.string(),
  step: z.string(),
  msg: z.string(),
  key: z.string().optional(),
  placement: z.string().optional(),
});
const Placement = z.object({ uid: z.string().optional() });
const tables = {
  switches: "Switch",
  switchPorts: "SwitchPort",
  routers: "Router",
  routerPorts: "RouterPort",
  policies: "Policy",
} as const;

/** `service kind key` of every step on records and nodes that was logged since then. */
export async function stepsSince(time: string, nats: string): Promise<Set<string>> {
  const names = await placementNames(nats);
  const done = new Set<string>();
  for (const service of ["scheduler", "agent", "network-stitcher"])
    for (const text of (await weftDone("logs", `services/${service}`)).split("\n")) {
      const { data: line } = Line.safeParse(jsonOf(text));
      if (line === undefined || line.time < time || !line.msg.startsWith("step")) continue;
      const key = line.key ?? names.get(line.placement ?? "");
      if (key !== undefined) done.add(`${service} ${line.step} ${key}`);
    }
  return done;
}

/** The same of a plan. What the intent service does is its answer; the network's rows are held against the database. */
export function stepsOf(plan: readonly PlannedStep[]): Set<string> {
  const others = plan.filter(({ service, kind }) => service !== "intent" && !isOfNetwork(kind));
  return new Set(others.map(({ service, kind, key }) => `${service} ${kind} ${key}`));
}

export async function network(endpoint: string): Promise<ActualNetwork> {
  await using client = await OvsdbClient.connect({ remote: endpoint });
  return readNetwork((await client.monitor(OvnNorthbound, northboundWatch)).snapshot());
}

/** `created key`, `changed key` or `deleted key` of every row, from the database before and after. */
export function rowsChanged(before: ActualNetwork, after: ActualNetwork): Set<string> {
  const [earlier, later] = [rowsByKey(before), rowsByKey(after)];
  const changes = [...later].flatMap(([key, text]) => {
    const old = earlier.get(key);
    return old === undefined ? [`created ${key}`] : old === text ? [] : [`changed ${key}`];
  });
  return new Set([
    ...changes,
    ...[...earlier.keys()].flatMap((key) => (later.has(key) ? [] : [`deleted ${key}`])),
  ]);
}

/** What is left of the plan's steps on the network: a row that is made and taken away again has not changed. */
export function rowsPlanned(plan: readonly PlannedStep[]): Set<string> {
  const byKey = Map.groupBy(
    plan.filter(({ kind }) => isOfNetwork(kind)),
    ({ kind, key }) => `${kind.replace(/^(create|change|delete)/, "")} ${key}`,
  );
  return new Set(
    [...byKey].flatMap(([key, steps]) => {
      const [first, last] = [steps.at(0)?.kind ?? "", steps.at(-1)?.kind ?? ""];
      const [was, is] = [!first.startsWith("create"), !last.startsWith("delete")];
      if (was) return [is ? `changed ${key}` : `deleted ${key}`];
      return is ? [`created ${key}`] : [];
    }),
  );
}

function isOfNetwork(kind: string): boolean {
  return Object.values(tables).some((table) => new RegExp(`^(create|change|delete)${table}$`).test(kind));
}

function rowsByKey(all: ActualNetwork): Map<string, string> {
  return new Map(
    Object.entries(tables).flatMap(([table, word]) =>
      all[table as keyof typeof tables].map(({ id: _id, parentId: _parent, ...row }) => [
        `${word} ${row.key}`,
        JSON.stringify(Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1))),
      ]),
    ),
  );
}

async function placementNames(nats: string): Promise<Map<string, string>> {
  const connection = await connect({ servers: nats });
  try {
    const manager = await jetstreamManager(connection);
    const { state } = await manager.streams.info("KV_weft_placements");
    const names = new Map<string, string>();
    for (let seq = Math.max(1, state.first_seq); seq <= state.last_seq; seq += 1) {
      const message = await manager.streams.getMessage("KV_weft_placements", { seq });
      if (message === null || message.header.has("KV-Operation")) continue;
      const { uid } = Placement.parse(message.json());
      if (uid !== undefined) names.set(uid, message.subject.slice("$KV.weft_placements.".length));
    }
    return names;
  } finally {
    await connection.close();
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
