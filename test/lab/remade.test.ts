/**
 * A shard that is killed, and whose place another namespace takes, on one real node: where a peer drains slots of its, nothing passes
 * through the new one until it knows whose flows are whose. The network-stitcher is held down, and the slots record says what the test says.
 */
import { connectBus } from "@weft/bus";
import type { Bus, View } from "@weft/bus";
import { labStatus } from "@weft/lab";
import { createLog } from "@weft/runtime";
import type { PlacementRecord, RealizedRecord, SlotsRecord } from "@weft/schemas";
import { recordKey, slotsKey } from "@weft/schemas";
import { eventually } from "@weft/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { HeldDown } from "../failures/held-down.ts";
import { applyText, run, weftDone, yamlOf } from "./command-line.ts";
import { labPrograms } from "./lab-programs.ts";

const tenant = "remade";
const slots = [1, 2];
const patience = { withinMs: 30_000 };
const document = (kind: string, name: string, spec: object) => ({ kind, metadata: { name, tenant }, spec });
const documents = [
  document("Network", "inside", { subnets: ["10.7.0.0/24"] }),
  document("Network", "outside", { subnets: ["10.8.0.0/24"] }),
  document("FunctionGroup", "fw", { function: "firewall", runtime: "docker", replicas: 2 }),
  document("Chain", "edge", { from: "inside", to: "outside", through: ["fw"] }),
];

const open = new AsyncDisposableStack();
let bus: Bus;
let realized: View<RealizedRecord>;
let placements: View<PlacementRecord>;
let owners: View<SlotsRecord>;

beforeAll(async () => {
  open.defer(() => weftDone("down").then(() => undefined));
  await weftDone("up", "--nodes", "1", "--json");
  bus = await connectBus(busOptions());
  open.defer(() => bus.close());
  [realized, placements, owners] = await Promise.all([
    bus.view("realized"),
    bus.view("placements"),
    bus.view("slots"),
  ]);
  expect(await applyText(yamlOf(documents))).toMatchObject({ code: 0, stderr: "" });
  await weftDone("wait", "fg/fw", "--for", "ready", "--timeout", "60s", "--tenant", tenant);
  await eventually(
    "slots of both",
    () => new Set(owners.get(slotsKey(tenant, "fw"))?.value.owners).size === 2,
  );
  open.use(HeldDown.kill(labPrograms([]).filter(({ text }) => text.includes("network-stitcher"))));
});
afterAll(() => open.disposeAsync());

function busOptions() {
  const url = labStatus()?.endpoints?.nats ?? "";
  return { url, name: "remade test", log: createLog("test", "silent") };
}

function holderOf(shard: string): string {
  return realized.get(recordKey("shard", tenant, shard))?.value.holder ?? "";
}

/** Tables in the shard's namespace as it is now. */
async function inside(shard: string, ...command: string[]): Promise<string> {
  const pid = await run("docker", ["inspect", "--format", "{{.State.Pid}}", holderOf(shard)]);
  const { stdout } = await run("nsenter", [`--net=/proc/${pid.stdout.trim()}/ns/net`, "--", ...command]);
  return stdout;
}

/** Resolves once what took its place forwards, as far as its function goes. */
async function killed(shard: string): Promise<void> {
  const before = holderOf(shard);
  await run("docker", ["kill", before]);
  await eventually("another holder", () => holderOf(shard) !== before, patience);
  const forwards = async () => (await inside(shard, "cat", "/proc/sys/net/ipv4/ip_forward")) === "1\n";
  await eventually("its configuration", forwards, patience);
}

const isClosed = async (shard: string) =>
  (await inside(shard, "nft", "list", "tables")).includes("weft_gate");

it("lets packets pass at once where no flow is another's", async () => {
  await killed("fw-0");
  expect(await isClosed("fw-0")).toBe(false);
});

it("lets nothing pass until it has the lists of those who drain its slots", async () => {
  const giver = placements.get(recordKey("shard", tenant, "fw-1"))?.value;
  const found = owners.get(slotsKey(tenant, "fw"));
  if (found === undefined || giver?.kind !== "shard") throw new Error("nothing is placed");
  const list = { tenant, group: "fw", placementUid: giver.uid, id: found.value.nextHandoff };
  const handoff = {
    id: list.id,
    from: "fw-1",
    to: "fw-0",
    fromGone: false,
    slots,
    phase: "drain" as const,
    startedAt: new Date().toISOString(),
  };
  const record = {
    ...found.value,
    owners: found.value.owners.map((owner, slot) => (slots.includes(slot) ? "fw-0" : owner)),
    nextHandoff: list.id + 1,
    handoffs: [handoff],
  };
  await bus.put("slots", slotsKey(tenant, "fw"), record, { ifRevision: found.revision });
  await eventually("its list", async () => (await bus.flowLists.get(list)) !== undefined, patience);
  await bus.flowLists.remove(list);
  await killed("fw-0");
  expect(await isClosed("fw-0")).toBe(true);
  await bus.flowLists.put(list, []);
  await eventually("an open gate", async () => !(await isClosed("fw-0")), patience);
});
