/**
 * Node policies: at most one names a node. Nodes are nobody's alone, so those of all tenants are held against each other.
 * Which nodes there are is not asked: one may join later.
 */
import type { Finding } from "./finding.ts";
import { finding } from "./finding.ts";
import type { WantedWorld } from "./wanted-world.ts";
import { whoseText } from "./wanted-world.ts";

export function checkNodePolicies(world: WantedWorld): Finding[] {
  const coming = world
    .coming("NodePolicy")
    .filter(({ named, document }) => named && document.spec.node !== undefined);
  const everyone = coming.length === 0 ? [] : world.everywhere("NodePolicy");
  return coming.flatMap(({ key, document, path }) =>
    everyone
      .filter((other) => other.key !== key && other.document.spec.node === document.spec.node)
      .map(({ document: { metadata } }) => {
        const whose = whoseText(metadata, document.metadata);
        const message = `the node policy ${metadata.name}${whose} is about ${document.spec.node} already`;
        return finding("invalid-document", `${path}.spec.node`, message);
      }),
  );
}
