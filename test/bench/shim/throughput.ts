/**
 * Throughput of one TCP stream through a shard between two namespaces, links of the kernel alone, with its shim in front and with
 * none: iperf3 (its documented use), which opens its connections anew each time.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { eventually } from "@weft/testkit";
import { z } from "zod";
import { run } from "../../lab/command-line.ts";
import { ShimRig, inside, pathOf, serverOf } from "../../lab/shim/rig.ts";
import { port } from "../../lab/shim/rig-plan.ts";

/** All of it counts: a stream on such links is at its full speed within milliseconds. */
export const streamSeconds = 2;
/** Of the shape that the agent gives a shim by default. */
const room = 262_144;
const Result = z.object({ end: z.object({ sum_received: z.object({ bits_per_second: z.number() }) }) });

export type Contestant = "none" | "shim";

export class Throughput implements AsyncDisposable {
  readonly #rig: ShimRig;
  readonly #server: AsyncDisposable;

  private constructor(rig: ShimRig, server: AsyncDisposable) {
    this.#rig = rig;
    this.#server = server;
  }

  static async open(): Promise<Throughput> {
    const rig = await ShimRig.open();
    await rig.send({ toServers: "old", toClients: "old" });
    return new Throughput(rig, await serve());
  }

  /**
   * Two streams of each, those of one around those of the other: a machine that gets steadily quicker or slower favours neither. In bits
   * per second, the mean of the two.
   */
  async pair(around: Contestant): Promise<Readonly<Record<Contestant, number>>> {
    const between = around === "none" ? "shim" : "none";
    const means = { none: 0, shim: 0 };
    for (const turn of [around, between, between, around] as const)
      means[turn] += (turn === "none" ? await this.#without() : await this.#with()) / 2;
    return means;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
    await this.#rig[Symbol.asyncDispose]();
  }

  async #without(): Promise<number> {
    await this.#rig.remove("old");
    return measure();
  }

  async #with(): Promise<number> {
    await this.#rig.remove("old");
    await this.#rig.load("old", { room });
    const before = await this.#rig.counter("old", "recorded");
    const bitsPerSecond = await measure();
    if ((await this.#rig.counter("old", "recorded")) === before) throw new Error("the shim saw no flow");
    return bitsPerSecond;
  }
}

async function serve(): Promise<AsyncDisposable> {
  const child = spawn(
    "nsenter",
    [`--net=${pathOf("server")}`, "iperf3", "--server", "--port", String(port), "--bind", serverOf[4]],
    { stdio: "ignore" },
  );
  await eventually("iperf3 listens", async () =>
    (await inside("server", "ss", "", "--listening", "--tcp", "--numeric")).includes(`:${port} `),
  );
  return {
    [Symbol.asyncDispose]: async () => {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}

async function measure(): Promise<number> {
  const order = ["iperf3", "--client", serverOf[4], "--port", String(port), "--bind", "10.70.1.10"];
  // It would wait for ever for a server whose stream was cut.
  const { code, stdout, stderr } = await run(
    "nsenter",
    [
      `--net=${pathOf("client")}`,
      ...order,
      "--time",
      String(streamSeconds),
      "--json",
      "--connect-timeout",
      "5000",
    ],
    "",
    (streamSeconds + 20) * 1_000,
  );
  if (code !== 0) throw new Error(`iperf3 ended with ${code}: ${stdout}${stderr}`);
  return Result.parse(JSON.parse(stdout)).end.sum_received.bits_per_second;
}
