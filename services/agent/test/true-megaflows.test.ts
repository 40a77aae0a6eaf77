/** Megaflows that overlap, on a real ovs-vswitchd whose datapath lies in memory: what they do once the flow above them has changed. */
import { symlinkSync } from "node:fs";
import { createLog, systemClock } from "@weft/runtime";
import { DummySwitch, dummyBridge, dummyPort, eventually } from "@weft/testkit";
import { describe, expect, it } from "vitest";
import { changesWrongMegaflows, keepMegaflowsTrue } from "../src/fabric/true-megaflows.ts";

const packet = (client: string) => ({
  ethDst: "0a:00:00:00:00:02",
  client,
  clientPort: 1_000,
  server: "10.9.0.1",
});
const [narrow, wide, elsewhere] = ["10.1.2.2", "10.1.0.2", "10.2.0.2"] as const;

async function emptySwitch(): Promise<DummySwitch> {
  const at = await DummySwitch.start();
  await at.vsctl(...dummyBridge("br-int"));
  await at.vsctl(...dummyPort("br-int", "clients"));
  for (const port of ["old", "fresh"]) await at.vsctl(...at.kept("br-int", port));
  return at;
}

async function one(at: DummySwitch): Promise<void> {
  await at.ofctl("add-flow", "br-int", "ip,nw_src=10.1.2.0/24,actions=output:old");
  await at.receive("clients", [packet(narrow)]);
  expect(await outputs(at)).toEqual({ [narrow]: "old" });
}

/** Two megaflows of `old`, of which the wider covers the narrower. Masks are met in the order in which they came: the wider first. */
async function overlap(at: DummySwitch): Promise<void> {
  await at.ofctl("add-flow", "br-int", "ip,nw_src=10.2.0.0/16,actions=output:old");
  await at.ofctl("add-flow", "br-int", "ip,nw_src=10.1.2.0/24,actions=output:old");
  await at.receive("clients", [packet(elsewhere)]);
  await at.receive("clients", [packet(narrow)]);
  await at.ofctl("add-flow", "br-int", "ip,nw_src=10.1.0.0/16,actions=output:old");
  await at.ofctl("--strict", "del-flows", "br-int", "ip,nw_src=10.1.2.0/24");
  await at.appctl("revalidator/wait");
  await at.receive("clients", [packet(wide)]);
  expect(await outputs(at)).toEqual({ [narrow]: "old", [wide]: "old" });
}

/** Port that each of the two megaflows sends to; one that is gone is not there. */
async function outputs(at: DummySwitch): Promise<Record<string, string>> {
  const dump = await at.appctl("dpctl/dump-flows", "--names");
  const found = [...dump.matchAll(/ipv4\(src=(10\.1\.[\d.]+)\b.*actions:(\w+)/g)];
  return Object.fromEntries(found.map(([, client = "", port = ""]) => [client, port]));
}

/** As ovn-controller does it: first the flows, and once the switch has confirmed them a word in the database. */
async function changeFlows(at: DummySwitch): Promise<void> {
  await at.ofctl("mod-flows", "br-int", "ip,nw_src=10.1.0.0/16,actions=output:fresh");
  await at.appctl("revalidator/wait");
  await at.vsctl("--no-wait", "set", "bridge", "br-int", "external_ids:ovn-nb-cfg=7");
}

describe("megaflows that overlap", () => {
  it("keep old actions in the releases of Open vSwitch that are known for it, and in no other", async () => {
    await using at = await emptySwitch();
    await overlap(at);
    const version = /\d+\.\d+\.\d+/.exec(await at.appctl("version"))?.[0] ?? "";
    await changeFlows(at);
    expect((await outputs(at))[narrow]).toBe(changesWrongMegaflows(version) ? "old" : "fresh");
    expect((await outputs(at))[wide]).toBe("fresh");
  });

  it("are made anew at the start, and once ovn-controller's flows stand", async () => {
    await using at = await emptySwitch();
    await one(at);
    await using open = new AsyncDisposableStack();
    open.use(await keeping(at, at.control));
    await eventually("that one is gone", async () => Object.keys(await outputs(at)).length === 0);
    await overlap(at);
    await changeFlows(at);
    await eventually("they are gone", async () => Object.keys(await outputs(at)).length === 0);
    await at.receive("clients", [packet(narrow)]);
    expect(await outputs(at)).toEqual({ [narrow]: "fresh" });
  });

  it("are made anew once a switch answers that did not", async () => {
    await using at = await emptySwitch();
    await one(at);
    const control = `${at.control}.later`;
    await using open = new AsyncDisposableStack();
    open.use(await keeping(at, control));
    symlinkSync(at.control, control);
    await eventually("it is gone", async () => Object.keys(await outputs(at)).length === 0);
  });
});

async function keeping(at: DummySwitch, control: string): Promise<AsyncDisposable> {
  const log = createLog("test", "silent");
  const kept = keepMegaflowsTrue({ remote: at.database.unix, control, clock: systemClock(), log });
  await kept.start();
  return { [Symbol.asyncDispose]: () => kept.stop() };
}

describe("releases that change the wrong megaflow", () => {
  it.each(["2.16.9", "2.17.7", "3.0.4", "3.1.0", "3.1.2", "", "built by hand"])("%s", (version) => {
    expect(changesWrongMegaflows(version)).toBe(true);
  });

  it.each(["2.17.8", "2.17.12", "3.0.5", "3.1.3", "3.2.0", "3.3.1", "4.0.0"])("not %s", (version) => {
    expect(changesWrongMegaflows(version)).toBe(false);
  });
});
