/** `weft cordon`, `uncordon` and `drain`: what an operator wants of a node, kept as a NodePolicy. */
import type { WeftClient } from "@weft/client";
import type { NodePolicySpec, NodeRow, Resource } from "@weft/schemas";
import { WeftError } from "@weft/schemas";
import type { Command } from "commander";
import { z } from "zod";
import { addCommon, clientOf, readOptions, tenantOf } from "../options.ts";
import { printAccepted } from "../output/print-accepted.ts";
import { valueText } from "../output/show.ts";
import { print } from "../print.ts";
import { readNode } from "../target.ts";

type Wishes = Pick<NodePolicySpec, "unschedulable" | "drain">;

const verbs: readonly { readonly name: string; readonly description: string; readonly wishes: Wishes }[] = [
  {
    name: "cordon",
    description: "place nothing new on a node; what is there stays",
    wishes: { unschedulable: true, drain: false },
  },
  {
    name: "uncordon",
    description: "let a node take what comes again",
    wishes: { unschedulable: false, drain: false },
  },
  {
    name: "drain",
    description: "move what a node carries to other nodes, and place nothing new on it",
    wishes: { unschedulable: true, drain: true },
  },
];

export function addCordon(program: Command): void {
  for (const { name, description, wishes } of verbs)
    addCommon(program.command(name))
      .description(description)
      .argument("<target>", "node/NAME")
      .option("--dry-run", "change nothing; print the steps that the services would take")
      .action(async (target: string, _options: unknown, command: Command) => {
        const options = readOptions(command, { dryRun: z.boolean().default(false) });
        const client = clientOf(options);
        const node = readNode(target);
        const document = await policyFor(client, { tenant: tenantOf(options), node, wishes });
        const accepted = await client.apply([document], { dryRun: options.dryRun });
        if (options.dryRun) return printAccepted(options.output, accepted, true);
        const row = await client.node(node);
        return print(options.output === "table" ? rowText(name, row) : valueText(options.output, row));
      });
}

/** The policy about the node with these wishes: the one that is there, in whichever tenant, or a new one under the node's name. */
async function policyFor(
  client: WeftClient,
  { tenant, node, wishes }: { tenant: string; node: string; wishes: Wishes },
) {
  await client.node(node); // says so when there is no such node
  const policies = await client.list("NodePolicy");
  const known = policies.find((policy) => specOf(policy).node === node);
  const { name, tenant: owner, labels } = known?.metadata ?? { name: node, tenant };
  if (
    known === undefined &&
    policies.some(({ metadata }) => metadata.name === name && metadata.tenant === owner)
  )
    throw new WeftError(
      "conflict",
      `The node policy ${name} of the tenant ${owner} is about another node: apply one for ${node} under another name.`,
    );
  const revision = known === undefined ? {} : { revision: known.metadata.revision };
  const kept = labels === undefined ? {} : { labels };
  return {
    kind: "NodePolicy",
    metadata: { name, tenant: owner, ...kept, ...revision },
    spec: { node, ...wishes },
  };
}

function specOf({ spec }: Resource): NodePolicySpec {
  return spec as NodePolicySpec; // a list of the kind was asked for
}

function rowText(verb: string, { name, drain }: NodeRow): string {
  if (verb !== "drain") return `node/${name} ${verb}ed\n`;
  const waitsFor = drain?.waitsFor ?? [];
  if (waitsFor.length === 0) return `node/${name} drained\n`;
  return [`node/${name} draining`, ...waitsFor.map((phrase) => `  ${phrase}`), ""].join("\n");
}
