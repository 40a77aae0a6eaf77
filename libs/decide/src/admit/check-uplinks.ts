/**
 * Uplinks: a cable, or one VLAN of it, joins one network. Which nodes there are is not asked: one may join later.
 * Interfaces are the machines' and not a tenant's, so networks of all tenants are held against each other.
 */
import type { Uplink } from "@weft/schemas";
import type { Finding } from "./finding.ts";
import { finding } from "./finding.ts";
import type { DocumentOf, WantedWorld } from "./wanted-world.ts";
import { whoseText } from "./wanted-world.ts";

export function checkUplinks(world: WantedWorld): Finding[] {
  const coming = world
    .coming("Network")
    .filter(({ named, document }) => named && document.spec.uplink !== undefined);
  const everyone = coming.length === 0 ? [] : world.everywhere("Network");
  return coming.flatMap((network) =>
    everyone
      .filter(({ key }) => key !== network.key)
      .flatMap((other) => {
        const node = sharedNode(network.document.spec.uplink, other.document.spec.uplink);
        if (node === undefined) return [];
        const message = `${sharedWords(network.document)} of ${node} already joins the network ${nameOf(other.document, network.document)}`;
        return [finding("invalid-document", `${network.path}.spec.uplink`, message)];
      }),
  );
}

/** The first node on which both would take the same frames. */
function sharedNode(a: Uplink | undefined, b: Uplink | undefined): string | undefined {
  if (a === undefined || b === undefined || a.interface !== b.interface || a.vlan !== b.vlan)
    return undefined;
  return a.nodes.find((node) => b.nodes.includes(node));
}

function sharedWords({ spec: { uplink } }: DocumentOf<"Network">): string {
  const link = uplink?.interface ?? "";
  return uplink?.vlan === undefined
    ? `the interface ${link}`
    : `VLAN ${uplink.vlan} on the interface ${link}`;
}

function nameOf({ metadata }: DocumentOf<"Network">, asker: DocumentOf<"Network">): string {
  return `${metadata.name}${whoseText(metadata, asker.metadata)}`;
}
