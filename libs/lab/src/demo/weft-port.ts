/**
 * DemoWeft over the gateway: what the demonstration and the lab tests ask of Weft, by the same client as everybody's.
 * Every wait has a deadline; what is not ready by then is named with the reason that its status gives.
 */
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { WeftClient, isReady } from "@weft/client";
import { WeftError, kindOf } from "@weft/schemas";
import type { Kind } from "@weft/schemas";
import type { LabEndpoints } from "../state.ts";
import type { DemoWeft } from "./demonstration.ts";
import type { CommandSession } from "./traffic-fleet.ts";
import { tenant } from "./world.ts";

const readyWithinMs = 120_000;

export function weftOfLab(endpoints: LabEndpoints, signal?: AbortSignal): DemoWeft {
  if (endpoints.gateway === undefined) throw new WeftError("unavailable", "The lab runs no gateway.");
  const token = readFileSync(endpoints.tokenFile, "utf8").trim();
  const client = new WeftClient({ url: (endpoints.gateways ?? [endpoints.gateway]).join(","), token });
  const thing = (kind: "shard" | "workload", name: string) => ({ kind, tenant, name });
  return {
    apply: async (documents) => void (await client.apply(documents)),
    ready: (kind, name) => ready(client, kindNamed(kind), name, signal),
    scale: async (group, replicas) => void (await client.scale(tenant, group, replicas)),
    nodes: async () => (await client.nodes()).filter(({ state }) => state === "ready").length,
    shards: () => client.shards(tenant),
    slotOwners: async (group) => (await client.slots(tenant, group)).owners,
    run: async (kind, name, command) => {
      const session = await client.exec(thing(kind, name), { command: [...command] });
      session.stdin.end();
      const [stdout, stderr, code] = await Promise.all([
        text(session.stdout),
        text(session.stderr),
        session.exit,
      ]);
      if (code === 0) return stdout;
      throw new WeftError("internal", `${command.join(" ")} in ${kind} ${name} exited ${code}: ${stderr}`);
    },
    session: async (workload, command) => {
      const session = await client.exec(thing("workload", workload), { command: [...command], stdin: true });
      const lines = createInterface({ input: session.stdout })[Symbol.asyncIterator]();
      session.stderr.on("data", (bytes: Buffer) => void process.stderr.write(bytes));
      return {
        write: (line) => void session.stdin.write(line),
        lines,
        close: async () => {
          session.stdin.end();
          await session.exit.catch(() => undefined);
          session.close();
        },
      } satisfies CommandSession;
    },
    log: async (workload) => {
      let log = "";
      const decoder = new TextDecoder();
      for await (const chunk of client.logs(thing("workload", workload)))
        log += decoder.decode(chunk, { stream: true });
      return log;
    },
  };
}

async function ready(client: WeftClient, kind: Kind, name: string, signal?: AbortSignal): Promise<void> {
  const deadline = AbortSignal.timeout(readyWithinMs);
  try {
    await client.ready(
      kind,
      tenant,
      name,
      signal === undefined ? deadline : AbortSignal.any([deadline, signal]),
    );
  } catch (cause) {
    if (!deadline.aborted) throw cause;
    const resource = await client.get(kind, tenant, name);
    if (isReady(resource)) return;
    const why =
      resource.status.conditions.find(({ type }) => type === "Ready")?.message ?? "no reason is known";
    throw new WeftError("timeout", `${kind} ${name} is not ready after ${readyWithinMs / 1000} s: ${why}.`, {
      cause,
    });
  }
}

function kindNamed(word: string): Kind {
  const kind = kindOf(word);
  if (kind === undefined) throw new RangeError(`no kind is named ${word}`);
  return kind;
}
