/** The chain that idles: examples/edge-firewall.yaml with three docker shards, one for each node of the lab. */
import { readFileSync } from "node:fs";
import { WeftClient } from "@weft/client";
import type { LabEndpoints } from "@weft/lab";
import { parseAllDocuments } from "yaml";
import { z } from "zod";

const tenant = "demo";
const group = "edge-fw";
export const shards = 3;
const readyWithinMs = 120_000;
const Documents = z.array(z.looseObject({ kind: z.string() }));

/** Resolves once all shards and the chain are ready. */
export async function applyEdge({ gateway, tokenFile }: LabEndpoints): Promise<void> {
  if (gateway === undefined) throw new Error("the lab has no gateway");
  const client = new WeftClient({ url: gateway, token: readFileSync(tokenFile, "utf8").trim() });
  const text = readFileSync(new URL("../../../examples/edge-firewall.yaml", import.meta.url), "utf8");
  await client.apply(Documents.parse(parseAllDocuments(text).map((document): unknown => document.toJS())));
  await client.scale(tenant, group, shards);
  const deadline = AbortSignal.timeout(readyWithinMs);
  await client.ready("FunctionGroup", tenant, group, deadline);
  await client.ready("Chain", tenant, "edge", deadline);
  const ready = (await client.shards(tenant)).filter(({ state }) => state === "ready");
  const nodes = new Set(ready.map(({ node }) => node));
  if (ready.length !== shards || nodes.size !== shards)
    throw new Error(`${ready.length} shards are ready on ${nodes.size} nodes instead of ${shards}`);
}
