/**
 * What an agent makes of placements on one real node, and how it mends what is taken away: the function alone, holder and
 * function, a link, the agent itself. Read from its records, from Docker and from the kernel.
 */
import { readFileSync, readdirSync } from "node:fs";
import { connectBus } from "@weft/bus";
import type { Bus, View } from "@weft/bus";
import { labStatus } from "@weft/lab";
import { createLog } from "@weft/runtime";
import { recordKey } from "@weft/schemas";
import type { RealizedRecord } from "@weft/schemas";
import { eventually } from "@weft/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { applyText, run, weft, weftDone, yamlOf } from "./command-line.ts";

const tenant = "wiring";
const shards = { docker: "fw-docker-0", namespace: "fw-namespace-0" } as const;
const forwarding = ["/proc/sys/net/ipv4/ip_forward", "/proc/sys/net/ipv6/conf/all/forwarding"];
const patience = { withinMs: 30_000 };

const config = {
  rules: [{ name: "web", action: "accept", from: "inside", protocol: "tcp", ports: [80] }],
};
const group = (runtime: keyof typeof shards) => ({
  kind: "FunctionGroup",
  metadata: { name: `fw-${runtime}`, tenant },
  spec: { function: "firewall", runtime, config },
});
/** It ignores SIGTERM, and so does a child that outlives it. */
const stubborn = "trap '' TERM; sleep 86397 & exec sleep 86398";
const documents = [
  {
    kind: "Network",
    metadata: { name: "inside", tenant },
    spec: { subnets: ["10.7.0.0/24", "fd00:7::/64"] },
  },
  group("docker"),
  group("namespace"),
  {
    ...group("docker"),
    metadata: { name: "fw-shut", tenant },
    spec: { ...group("docker").spec, image: "weft/nowhere:dev" },
  },
  ...(["docker", "namespace"] as const).map((runtime) => ({
    kind: "Workload",
    metadata: { name: `w-${runtime}`, tenant },
    spec: {
      runtime,
      command: ["sh", "-c", stubborn],
      networks: [{ network: "inside" }],
      ...(runtime === "docker" ? { image: "weft/firewall:dev" } : {}),
    },
  })),
];

let bus: Bus;
let realized: View<RealizedRecord>;

beforeAll(async () => {
  await weftDone("up", "--nodes", "1", "--json");
  const url = labStatus()?.endpoints?.nats ?? "";
  bus = await connectBus({ url, name: "agent-wiring test", log: createLog("test", "silent") });
  realized = await bus.view("realized");
  expect(await applyText(yamlOf(documents))).toMatchObject({ code: 0, stderr: "" });
  for (const runtime of ["docker", "namespace"]) {
    await ready(`fg/fw-${runtime}`);
    await ready(`workload/w-${runtime}`);
  }
});

afterAll(async () => {
  await bus?.close();
  await weftDone("down");
});

const ready = (what: string) =>
  weftDone("wait", what, "--for", "ready", "--timeout", "60s", "--tenant", tenant);

function record(kind: "shard" | "workload", name: string): RealizedRecord {
  const found = realized.get(recordKey(kind, tenant, name))?.value;
  if (found === undefined) throw new Error(`no record of ${kind} ${name}`);
  return found;
}

async function inside(kind: "shard" | "workload", name: string, ...command: string[]) {
  return weft("exec", `${kind}/${name}`, "--tenant", tenant, "--", ...command);
}

async function done(program: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(program, args);
  if (code !== 0) throw new Error(`${program} ${args.join(" ")}: ${stderr}`);
  return stdout;
}

const pidOfContainer = async (id: string) =>
  Number(await done("docker", "inspect", "--format", "{{.State.Pid}}", id));

const pids = () => readdirSync("/proc").map(Number).filter(Number.isInteger);

function agentPid(): number {
  const agent = pids().find((pid) => textOf(`/proc/${pid}/cmdline`).includes("services/agent/src/main.ts"));
  if (agent === undefined) throw new Error("no agent runs");
  return agent;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

describe.each(["docker", "namespace"] as const)("a shard in the %s runtime", (runtime) => {
  const name = shards[runtime];

  it("has its rules, forwards, and keeps no stream that it did not see begin", async () => {
    const rules = await inside("shard", name, "nft", "list", "table", "inet", "weft_firewall");
    expect(rules.stdout).toContain('counter name "rule_web"');
    const loose = await inside("shard", name, "cat", "/proc/sys/net/netfilter/nf_conntrack_tcp_loose");
    expect(loose.stdout).toBe("0\n");
    expect((await inside("shard", name, "cat", ...forwarding)).stdout).toBe("1\n1\n");
  });

  it("gets its function back alone: namespace, links and rules stay", async () => {
    const before = record("shard", name);
    const pid = runtime === "docker" ? await pidOfContainer(before.instance ?? "") : Number(before.instance);
    process.kill(pid, "SIGKILL");
    await eventually("its restart", () => record("shard", name).restarts === before.restarts + 1, patience);
    const after = record("shard", name);
    expect(after).toMatchObject({
      state: "running",
      holder: before.holder,
      namespaceInode: before.namespaceInode,
      configLoadedAt: before.configLoadedAt,
    });
  });

  it("is wired again when a link is deleted", async () => {
    const node = "weft-node-1";
    const ports = () =>
      done(
        "ovs-vsctl",
        `--db=${labStatus()?.endpoints?.nodes[0]?.ovsdb}`,
        "--bare",
        "--columns=name",
        "find",
        "port",
        `external_ids:weft-placement=${record("shard", name).placementUid}`,
      );
    const [link] = (await ports()).split("\n").filter((line) => line !== "");
    await done("ip", "-n", node, "link", "delete", link ?? "");
    const present = async () => (await run("ip", ["-n", node, "link", "show", link ?? ""])).code === 0;
    await eventually("the link", present, patience);
    await ready(`fg/fw-${runtime}`);
    expect((await inside("shard", name, "cat", ...forwarding)).stdout).toBe("1\n1\n");
  });
});

describe("a shard whose function cannot start", () => {
  it("is wired, has no rules, and forwards nothing", async () => {
    const found = () => realized.get(recordKey("shard", tenant, "fw-shut-0"))?.value;
    await eventually("its failure", () => found()?.state === "failed", patience);
    const pid = await pidOfContainer(found()?.holder ?? "");
    const own = (...command: string[]) => done("nsenter", `--net=/proc/${pid}/ns/net`, "--", ...command);
    expect(await own("ip", "-o", "link", "show", "up")).toMatch(/ in0@.* out0@/s);
    expect(await own("nft", "list", "tables")).not.toContain("table inet"); // what steers packets is not the function's
    expect(await own("cat", ...forwarding)).toBe("0\n0\n");
  });
});

describe("a docker shard whose holder ends", () => {
  it("is made anew and becomes ready again", async () => {
    const before = record("shard", shards.docker);
    process.kill(await pidOfContainer(before.holder ?? ""), "SIGKILL");
    const renewed = () => {
      const { holder, state } = record("shard", shards.docker);
      return holder !== before.holder && state === "running";
    };
    await eventually("another holder", renewed, patience);
    await ready("fg/fw-docker");
  });
});

describe("an agent that is killed", () => {
  it("comes back to what runs and restarts nothing", async () => {
    const names = Object.values(shards);
    const before = names.map((name) => record("shard", name));
    const pid = agentPid();
    process.kill(pid, "SIGKILL");
    await eventually("another agent", () => agentPid() !== pid, patience);
    for (const runtime of ["docker", "namespace"]) await ready(`fg/fw-${runtime}`);
    expect(names.map((name) => record("shard", name))).toEqual(before);
  });
});

describe("workloads of both runtimes", () => {
  it("reach each other by IPv4 and IPv6", async () => {
    const text = (await inside("workload", "w-docker", "ip", "-o", "address", "show", "dev", "net0")).stdout;
    const addresses = [...text.matchAll(/inet6? (10\.7\S+|fd00:7\S+)\//g)].map(
      ([, address]) => address ?? "",
    );
    expect(addresses.length).toBe(2);
    for (const address of addresses)
      expect(await inside("workload", "w-namespace", "ping", "-c", "1", "-W", "2", address)).toMatchObject({
        code: 0,
      });
  });

  it("leave nothing behind when they are deleted", async () => {
    const commands = () => pids().map((pid) => textOf(`/proc/${pid}/cmdline`).split("\0").join(" "));
    const left = () => commands().filter((command) => /^sleep 8639[78] $/.test(command));
    expect(left().length).toBe(4);
    process.kill(Number(record("workload", "w-namespace").instance), "SIGKILL");
    for (const what of [
      "fg/fw-docker",
      "fg/fw-namespace",
      "fg/fw-shut",
      "workload/w-docker",
      "workload/w-namespace",
    ])
      await weftDone("delete", what, "--tenant", tenant);
    await eventually("no process", () => left().length === 0, patience);
    await eventually("no record", () => realized.entries().size === 0, patience);
    const mine = (names: readonly string[]) => names.filter((each) => /^weft-[0-9a-f]{10}$/.test(each));
    expect(mine(readdirSync("/run/netns"))).toEqual([]);
    expect(await done("docker", "ps", "--all", "--quiet", "--filter", "label=weft.dev/tenant=wiring")).toBe(
      "",
    );
    const links = await done("ip", "-n", "weft-node-1", "-o", "link", "show");
    expect(links).not.toMatch(/weft-[0-9a-f]{10}/);
  });
});
