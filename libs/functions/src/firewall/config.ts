/**
 * The firewall's configuration, as an operator writes it in `spec.config`.
 * Read by admission and by the renderer; a new field of a rule begins here (see the README's checklist).
 * Names of networks are only shapes here: whether they exist is the renderer's to say. docs/firewall.md tells it to operators.
 */
import { Label, SubnetText, atMost, besideFaults } from "@weft/schemas";
import { z } from "zod";

export const Action = z.enum(["accept", "drop", "reject"], { error: "must be accept, drop or reject" });
export type Action = z.infer<typeof Action>;

const Protocol = z.enum(["tcp", "udp", "icmp", "sctp"], { error: "must be tcp, udp, icmp or sctp" });
const protocolsWithPorts: readonly string[] = ["tcp", "udp", "sctp"];

const rangePattern = /^(\d{1,5})-(\d{1,5})$/;
const Port = z.custom<number | string>(isPort, {
  error: 'must be a port from 1 to 65535, or a range such as "8000-8100" with its lower end first',
  // A custom schema's fault would keep the checks across fields from running.
  abort: false,
});

/**
 * An nftables match, given verbatim. It cannot leave its rule: no quotes, no end of line or statement, no comment, no
 * backslash, braces in pairs; and it can only narrow the rule: statements that act or jump are refused by name.
 */
const matchPattern = /^[A-Za-z0-9 _.,:/!=<>&|^(){}@*+-]+$/;
const actingWord =
  /(?:^|[\s{,:])(accept|drop|reject|queue|return|continue|jump|goto|dnat|snat|masquerade|redirect|tproxy|notrack|fwd|dup|log|counter|set|add|update|delete|vmap|map|flow|synproxy|meter|quota)(?=$|[\s},:])/;
const Match = z
  .string()
  .min(1)
  .max(500)
  .regex(matchPattern, "has a character that no match needs: no quotes, line ends, ';', '#' or '\\'")
  .refine(bracesPair, "has braces or brackets that do not pair")
  .superRefine((text, context) => {
    const word = actingWord.exec(text)?.[1];
    if (word !== undefined)
      context.addIssue({ code: "custom", message: `may only match: "${word}" is no match` });
  });

const RuleFields = z.strictObject({
  name: Label.describe("its counter is rule_<name>"),
  action: Action.describe("what becomes of a connection that the rule matches"),
  from: Label.optional().describe("the network that the connection comes from"),
  to: Label.optional().describe("the network that it goes to"),
  protocol: Protocol.optional().describe("icmp means ICMPv6 as well"),
  ports: z.array(Port).min(1).optional().describe("of the server; one of them must match"),
  source: z.array(SubnetText).min(1).optional().describe("within `from`, when both are given"),
  destination: z.array(SubnetText).min(1).optional().describe("within `to`, when both are given"),
  match: Match.optional().describe("more, in nftables' own words"),
});
export type FirewallRule = z.infer<typeof RuleFields>;

const { from, to, source, destination } = RuleFields.shape;
/** What can be read of a rule's ends, whatever else is wrong with it: a field with a fault counts as left out. */
const ReadableRule = z
  .object({
    from: from.catch(undefined),
    to: to.catch(undefined),
    source: source.catch(undefined),
    destination: destination.catch(undefined),
  })
  .catch({});
export type RuleEnds = z.infer<typeof ReadableRule>;

/** The ends of every rule, in order, of a configuration that may have faults. */
export function readableEnds(config: unknown): RuleEnds[] {
  return ReadableRules.parse(config).rules;
}
const ReadableRules = z.object({ rules: z.array(ReadableRule).catch([]) }).catch({ rules: [] });

const Ported = z.object({ ports: z.unknown().optional(), protocol: Protocol.optional() });
const Rule = RuleFields.superRefine(
  (rule, context) => {
    const { data } = Ported.safeParse(rule);
    if (data?.ports === undefined || protocolsWithPorts.includes(data.protocol ?? "")) return;
    const message =
      data.protocol === undefined
        ? "needs a protocol: tcp, udp or sctp"
        : `has no meaning for ${data.protocol}`;
    context.addIssue({ code: "custom", path: ["ports"], message });
  },
  besideFaults(() => true),
);

const Named = z.object({ name: z.string() });
export const FirewallConfig = z.strictObject({
  default: z
    .enum(["accept", "drop"], { error: "must be accept or drop" })
    .default("drop")
    .describe("what becomes of a connection that no rule names"),
  rules: atMost(Rule, 1000, "takes at most 1,000 rules")
    .default([])
    .superRefine((rules, context) => {
      const seen = new Set<string>();
      rules.forEach((rule, index) => {
        const name = Named.safeParse(rule).data?.name;
        if (name === undefined) return;
        if (seen.has(name))
          context.addIssue({ code: "custom", path: [index, "name"], message: `"${name}" is used twice` });
        seen.add(name);
      });
    }, besideFaults(Array.isArray))
    .describe("the first that matches a connection decides"),
});
export type FirewallConfig = z.infer<typeof FirewallConfig>;

function isPort(value: unknown): boolean {
  if (typeof value === "number") return Number.isInteger(value) && value >= 1 && value <= 65_535;
  if (typeof value !== "string") return false;
  const [, low, high] = rangePattern.exec(value) ?? [];
  if (low === undefined || high === undefined) return false;
  return isPort(Number(low)) && isPort(Number(high)) && Number(low) <= Number(high);
}

function bracesPair(text: string): boolean {
  const open: string[] = [];
  for (const character of text) {
    if (character === "{" || character === "(") open.push(character);
    if (character === "}" && open.pop() !== "{") return false;
    if (character === ")" && open.pop() !== "(") return false;
  }
  return open.length === 0;
}
