/**
 * The firewall: a stateful packet filter between two networks, made of nftables rules in the shard's namespace.
 * Ties together its configuration (config.ts), its rules (ruleset.ts) and what nft says (nft-words.ts).
 * It needs no process of its own; the image only carries the tools.
 */
import { WeftError } from "@weft/schemas";
import { faultsOf } from "../faults.ts";
import type { NetworkFunction, RenderContext } from "../network-function.ts";
import { FirewallConfig, readableEnds } from "./config.ts";
import { textOf } from "./lines.ts";
import { countersOfNft, faultsOfNft } from "./nft-words.ts";
import { ruleFaults } from "./rule-match.ts";
import { connectionMarks, renderRuleset, table } from "./ruleset.ts";

const establishedSeconds = 7_500;

export const firewall: NetworkFunction = {
  name: "firewall",
  description: "stateful packet filter (nftables) between two networks",
  runtimes: ["docker", "namespace"],
  worksIn: "kernel",
  config: FirewallConfig,
  defaultImage: "weft/firewall:dev",
  command: ["sleep", "infinity"],
  capabilities: ["NET_ADMIN", "NET_RAW"],
  sysctls: {
    before: {
      // A stream that this shard did not see begin must not be picked up in the middle.
      "net/netfilter/nf_conntrack_tcp_loose": "0",
      // Else connections that were there before somebody listens are never told of (`state: replicated` may be asked for later).
      "net/netfilter/nf_conntrack_events": "1",
      // The kernel's five days would keep a shard that leaves for as long. RFC 5382, REQ-5, asks for 2 h 4 min at least.
      "net/netfilter/nf_conntrack_tcp_timeout_established": String(establishedSeconds),
      // Clients reach the shard by its inner side, whatever its routes say of them.
      "net/ipv4/conf/*/rp_filter": "0",
    },
    // Last, and off until then by the agent's wiring: a packet that passes before the rules are there leaves a connection that no rule let in.
    live: { "net/ipv4/ip_forward": "1", "net/ipv6/conf/all/forwarding": "1" },
  },
  // The rest as the kernel has it: 120 s for FIN-WAIT and TIME-WAIT, 120 s for UDP, 210 s for SCTP, 600 s for what it does not know.
  flows: {
    rewrites: false,
    seconds: { established: establishedSeconds, closing: 120, datagrams: 300, others: 600 },
  },
  tracked: connectionMarks,
  faults: configFaults,
  render(config, context) {
    const faults = configFaults(config, context);
    if (faults.length > 0)
      throw new WeftError("config-refused", "The firewall refuses its configuration.", { faults });
    const lines = renderRuleset(FirewallConfig.parse(config), context);
    const text = textOf(lines);
    return {
      text,
      check: { argv: ["nft", "--check", "--file", "-"], stdin: text },
      load: { argv: ["nft", "--file", "-"], stdin: text },
      explain: (stderr) => faultsOfNft(stderr, lines),
    };
  },
  inForce: { argv: ["nft", "--stateless", "--terse", "list", "table", "inet", table] },
  counters: {
    command: { argv: ["nft", "--json", "list", "counters"] },
    read: (stdout) => countersOfNft(stdout, table),
  },
};

/** References are checked beside the schema, on what can be read, so that all faults are named at once. */
function configFaults(config: unknown, context: RenderContext) {
  const read = FirewallConfig.safeParse(config);
  const references = readableEnds(config).flatMap((ends, index) =>
    ruleFaults(ends, `rules[${index}]`, context),
  );
  return read.success ? references : [...faultsOf(read.error), ...references];
}
