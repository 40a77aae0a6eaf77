/** How full the shims are, as /metrics shows it: the last look's number, and how many there is room for. */
import { gaugeOf } from "@weft/runtime";
import type { ShardPlacement } from "@weft/schemas";
import type { KnownCount } from "./known-looks.ts";

export interface ShownShims {
  readonly node: string;
  readonly limit: number;
  /** `count` is undefined until somebody has looked. */
  readonly shims: readonly { readonly placement: ShardPlacement; readonly count: KnownCount | undefined }[];
}

const sources = new Set<() => ShownShims>();

/** Shows them until it is disposed of. */
export function showShims(shown: () => ShownShims): Disposable {
  sources.add(shown);
  return { [Symbol.dispose]: () => void sources.delete(shown) };
}

function* labelled() {
  for (const source of sources) {
    const { node, limit, shims } = source();
    for (const { placement, count } of shims) {
      const { tenant, group, name: shard } = placement;
      yield { labels: { tenant, group, shard, node }, count, limit };
    }
  }
}

gaugeOf("weft_shim_flows", (show) => {
  for (const { labels, count } of labelled()) {
    if (count === undefined) continue;
    show({ ...labels, family: "ipv4" }, count.ipv4);
    show({ ...labels, family: "ipv6" }, count.ipv6);
  }
});
gaugeOf("weft_shim_flows_limit", (show) => {
  for (const { labels, limit } of labelled()) show(labels, limit);
});
