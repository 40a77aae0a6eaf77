/**
 * The peer of the crash bench: two routers in network namespaces, keepalived's VRRP between them with adverts each second (its
 * default), a client and a server whose gateways are the two virtual addresses. The master's namespace and daemon die together, as
 * a shard's holder and function do; the same datagrams count. Makes its namespaces and takes them away.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { run } from "../../failures/failure-lab.ts";
import { NumberedProbes } from "../../failures/numbered-probes.ts";

const names = { switch: "vrrp-switch", client: "vrrp-client", server: "vrrp-server" };
const routers = ["vrrp-one", "vrrp-two"] as const;
type Router = (typeof routers)[number];
const sides = [
  { bridge: "in", virtual: "10.8.1.1", end: names.client, address: "10.8.1.10", route: "10.8.2.0/24" },
  { bridge: "out", virtual: "10.8.2.1", end: names.server, address: "10.8.2.10", route: "10.8.1.0/24" },
] as const;
const pidKinds = ["pid", "vrrp"] as const;
const port = 7000;
const takeoverWithinMs = 20_000;

/** Seconds of each crash of the master. */
export async function keepalivedOutages(rounds: number, say: (line: string) => void): Promise<number[]> {
  await using pair = await RouterPair.start();
  await using probes = await NumberedProbes.start({
    client: `/run/netns/${names.client}`,
    server: `/run/netns/${names.server}`,
    address: sides[1].address,
    port,
  });
  const found: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await probes.settled();
    const master = await pair.master();
    probes.window();
    await pair.crash(master);
    await pair.takenOver();
    const { longestMs, lost } = await probes.settled();
    say(`keepalived: ${master} crashed: ${Math.round(longestMs)} ms, ${lost} lost`);
    found.push(Math.round(longestMs) / 1_000);
    await pair.add(master, "BACKUP");
    // A backup takes over only from a master whose adverts it has heard.
    await delay(2_000);
  }
  return found;
}

class RouterPair implements AsyncDisposable {
  readonly #folder = mkdtempSync(path.join(tmpdir(), "weft-vrrp-"));
  readonly #daemons = new Map<Router, ChildProcess>();

  static async start(): Promise<RouterPair> {
    const pair = new RouterPair();
    try {
      await ip([`netns add ${names.switch}`]);
      for (const { bridge, end, address, virtual, route } of sides) {
        await ip([`netns add ${end}`]);
        await ip([`link add ${bridge} type bridge`, `link set ${bridge} up`], names.switch);
        await link(end, "eth0", bridge);
        await ip([`address add ${address}/24 dev eth0`, `route add ${route} via ${virtual}`], end);
      }
      await pair.add(routers[0], "MASTER");
      await pair.add(routers[1], "BACKUP");
    } catch (error) {
      await pair[Symbol.asyncDispose]();
      throw error;
    }
    return pair;
  }

  async add(router: Router, state: "MASTER" | "BACKUP"): Promise<void> {
    await ip([`netns add ${router}`]);
    for (const [at, { bridge, virtual }] of sides.entries()) {
      await link(router, bridge, bridge, `${router.slice(5)}-${bridge}`);
      const own = virtual.replace(/1$/, router === routers[0] ? "2" : "3");
      await ip([`address add ${own}/24 dev ${bridge}`], router);
      if (at === 0) await run("ip", ["netns", "exec", router, "sysctl", "-qw", "net.ipv4.ip_forward=1"]);
    }
    const file = path.join(this.#folder, `${router}.conf`);
    writeFileSync(file, configuration(state));
    const words = ["--dont-fork", "--log-console", "--vrrp", "--use-file", file];
    const pids = ["--pid", this.#pidFile(router, "pid"), "--vrrp_pid", this.#pidFile(router, "vrrp")];
    const command = ["netns", "exec", router, "keepalived", ...words, ...pids];
    const daemon = spawn("ip", command, { stdio: "ignore" });
    this.#daemons.set(router, daemon);
  }

  #pidFile(router: Router, kind: (typeof pidKinds)[number]): string {
    return path.join(this.#folder, `${router}.${kind}`);
  }

  async master(): Promise<Router> {
    for (const router of this.#daemons.keys()) {
      const { stdout } = await run("ip", ["-n", router, "-o", "address", "show"]);
      if (sides.every(({ virtual }) => stdout.includes(`${virtual}/`))) return router;
    }
    throw new Error("keepalived has no master");
  }

  async takenOver(): Promise<void> {
    const deadline = performance.now() + takeoverWithinMs;
    while ((await this.master().catch(() => undefined)) === undefined) {
      if (performance.now() > deadline) throw new Error("keepalived's backup does not take over");
      await delay(50);
    }
  }

  /** The daemon and its namespace. */
  async crash(router: Router): Promise<void> {
    const daemon = this.#daemons.get(router);
    this.#daemons.delete(router);
    if (daemon?.pid !== undefined && daemon.exitCode === null) {
      const exited = once(daemon, "exit");
      // The child that speaks VRRP first: told of its parent's death it would resign, and its crash were none.
      process.kill(Number(readFileSync(this.#pidFile(router, "vrrp"), "utf8")), "SIGKILL");
      daemon.kill("SIGKILL");
      await exited;
    }
    for (const kind of pidKinds) rmSync(this.#pidFile(router, kind), { force: true });
    await run("ip", ["-n", names.switch, "link", "delete", `${router.slice(5)}-in`]);
    await run("ip", ["-n", names.switch, "link", "delete", `${router.slice(5)}-out`]);
    await run("ip", ["netns", "delete", router]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const router of this.#daemons.keys()) await this.crash(router).catch(() => undefined);
    for (const name of [...Object.values(names), ...routers])
      await run("ip", ["netns", "delete", name]).catch(() => undefined);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function configuration(state: "MASTER" | "BACKUP"): string {
  const instances = sides.map(
    ({ bridge, virtual }, at) => `
vrrp_instance ${bridge} {
  state ${state}
  interface ${bridge}
  virtual_router_id ${51 + at}
  priority 100
  advert_int 1
  virtual_ipaddress { ${virtual}/24 }
}`,
  );
  return `vrrp_sync_group both { group { ${sides.map(({ bridge }) => bridge).join(" ")} } }\n${instances.join("\n")}\n`;
}

async function link(
  namespace: string,
  name: string,
  bridge: string,
  far = `to-${name}-${bridge}`,
): Promise<void> {
  await ip([`link add ${far} netns ${names.switch} type veth peer name ${name} netns ${namespace}`]);
  await ip([`link set ${far} master ${bridge}`, `link set ${far} up`], names.switch);
  await ip([`link set lo up`, `link set ${name} up`], namespace);
}

async function ip(commands: readonly string[], namespace?: string): Promise<void> {
  for (const command of commands)
    await run("ip", [...(namespace === undefined ? [] : ["-n", namespace]), ...command.split(" ")]);
}
