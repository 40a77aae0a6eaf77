/** Which columns each kind has in a table. Pure. */
import type {
  Document,
  FunctionRow,
  HandoffRow,
  Kind,
  NodeRow,
  Resource,
  ServiceRow,
  ShardRow,
  SlotsView,
} from "@weft/schemas";
import { ageOf } from "./age.ts";
import { bytesText, numberText } from "./quantity.ts";
import type { Column } from "./table.ts";

type Spec<K extends Kind> = Extract<Document, { kind: K }>["spec"];

const name: Column<Resource> = { title: "name", cell: ({ metadata }) => metadata.name };
export const documentTenant: Column<Resource> = { title: "tenant", cell: ({ metadata }) => metadata.tenant };
export const shardTenant: Column<ShardRow> = { title: "tenant", cell: ({ tenant }) => tenant };
const ready: Column<Resource> = { title: "ready", usual: 16, cell: (resource) => readyText(resource) };
const age: Column<Resource> = {
  title: "age",
  usual: 4,
  cell: ({ metadata }, now) => ageOf(metadata.createdAt, now),
};

/** The kind's own columns read its spec, which is that of the kind asked for. */
function ofSpec<K extends Kind>(_kind: K, title: string, cell: (spec: Spec<K>) => string): Column<Resource> {
  return { title, cell: ({ spec }) => cell(spec as Spec<K>) };
}
function ofStatus(title: string, field: string, usual = 0): Column<Resource> {
  return { title, usual, cell: ({ status }) => textOf(status[field]) };
}

export const resourceColumns: Readonly<Record<Kind, readonly Column<Resource>[]>> = {
  Network: [
    name,
    ofSpec("Network", "subnets", ({ subnets }) => subnets.join(",")),
    ofSpec("Network", "mtu", ({ mtu }) => String(mtu)),
    ofStatus("workloads", "workloads"),
    ready,
    age,
  ],
  Workload: [
    name,
    ofSpec("Workload", "runtime", ({ runtime }) => runtime),
    ofStatus("node", "node", 8),
    ofStatus("addresses", "addresses", 15),
    ofStatus("restarts", "restarts"),
    ready,
    age,
  ],
  FunctionGroup: [
    name,
    ofSpec("FunctionGroup", "function", (spec) => spec.function),
    ofSpec("FunctionGroup", "runtime", ({ runtime }) => runtime),
    {
      title: "shards",
      cell: ({ spec, status }) => `${textOf(status["ready"])}/${(spec as Spec<"FunctionGroup">).replicas}`,
    },
    ofStatus("draining", "draining"),
    ready,
    age,
  ],
  Chain: [
    name,
    ofSpec("Chain", "from", ({ from }) => from),
    ofSpec("Chain", "to", ({ to }) => to),
    ofSpec("Chain", "through", ({ through }) => through.join(",")),
    ofSpec("Chain", "onfailure", ({ onFailure }) => onFailure),
    ready,
    age,
  ],
  NodePolicy: [
    name,
    ofSpec("NodePolicy", "node", ({ node }) => node),
    ofSpec("NodePolicy", "unschedulable", ({ unschedulable }) => String(unschedulable)),
    ofSpec("NodePolicy", "drain", ({ drain }) => String(drain)),
    ready,
    age,
  ],
};

/** The Ready condition in a word: True, or the reason why not. */
export function readyText({ status }: Resource): string {
  const condition = status.conditions.find(({ type }) => type === "Ready");
  return condition === undefined ? "?" : condition.status === "True" ? "True" : condition.reason;
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return "-";
  if (Array.isArray(value)) return value.length === 0 ? "-" : value.map(String).join(",");
  return typeof value === "string" ? value : JSON.stringify(value);
}

export const shardColumns: readonly Column<ShardRow>[] = [
  { title: "name", cell: (row) => row.name },
  { title: "group", cell: (row) => row.functionGroup },
  { title: "node", cell: (row) => row.node },
  { title: "state", usual: 8, cell: (row) => row.state },
  { title: "slots", cell: (row) => String(row.slots) },
  { title: "flows", usual: 6, cell: (row) => numberText(row.flows) },
  { title: "bit/s", usual: 6, cell: (row) => numberText(row.bitsPerSecond) },
  { title: "cpu", usual: 5, cell: (row) => numberText(row.cpu) },
  { title: "memory", usual: 7, cell: (row) => bytesText(row.memory) },
  { title: "restarts", cell: (row) => String(row.restarts) },
  { title: "ready for", cell: (row, now) => (row.readyAt === null ? "-" : ageOf(row.readyAt, now)) },
];

export const handoffColumns: readonly Column<HandoffRow>[] = [
  { title: "group", cell: (row) => row.functionGroup },
  { title: "from", cell: (row) => row.from },
  { title: "to", cell: (row) => row.to },
  { title: "slots", cell: (row) => String(row.slots) },
  { title: "phase", usual: 6, cell: (row) => row.phase },
  { title: "age", cell: (row, now) => ageOf(row.startedAt, now) },
];

export const nodeColumns: readonly Column<NodeRow>[] = [
  { title: "name", cell: (row) => row.name },
  { title: "state", usual: 8, cell: (row) => row.state },
  { title: "address", cell: (row) => row.address },
  { title: "runtimes", cell: (row) => row.runtimes.join(",") },
  { title: "cpu", cell: (row) => `${numberText(row.allocated.cpu)}/${numberText(row.capacity.cpu)}` },
  { title: "memory", cell: (row) => `${bytesText(row.allocated.memory)}/${bytesText(row.capacity.memory)}` },
  { title: "datapath", cell: (row) => row.datapath },
  { title: "ovs", cell: (row) => row.ovsVersion },
];

export const functionColumns: readonly Column<FunctionRow>[] = [
  { title: "name", cell: (row) => row.name },
  { title: "runtimes", cell: (row) => row.runtimes.join(",") },
  { title: "description", cell: (row) => row.description },
];

export const serviceColumns: readonly Column<ServiceRow>[] = [
  { title: "name", cell: (row) => row.name },
  { title: "id", cell: (row) => row.id },
  { title: "address", cell: (row) => row.address },
  { title: "state", cell: (row) => row.state },
  { title: "leader", cell: (row) => (row.leader ? "yes" : "-") },
];

export interface SlotShare {
  readonly shard: string;
  readonly slots: number;
  readonly share: number;
}

/** Slots by owner: what a table of 256 lines would not show. */
export function slotShares({ owners }: SlotsView): SlotShare[] {
  const counts = new Map<string, number>();
  for (const owner of owners) counts.set(owner ?? "-", (counts.get(owner ?? "-") ?? 0) + 1);
  return [...counts]
    .map(([shard, slots]) => ({ shard, slots, share: slots / owners.length }))
    .toSorted((a, b) => (a.shard < b.shard ? -1 : 1));
}

export const slotColumns: readonly Column<SlotShare>[] = [
  { title: "shard", cell: (row) => row.shard },
  { title: "slots", cell: (row) => String(row.slots) },
  { title: "share", cell: (row) => `${Math.round(row.share * 100)}%` },
];
