/** What a shard's shim is decided from: its group's placement, the shards beside it and who owns the slots. Reads views alone. */
import type { ShimSeen } from "@weft/decide";
import type { Entry, View } from "@weft/bus";
import type { GroupPlacement, PlacementRecord, Records, ShardPlacement } from "@weft/schemas";
import { slotsKey } from "@weft/schemas";

type Placements = ReadonlyMap<string, Entry<PlacementRecord>>;
interface Views {
  readonly placements: View<Records["placements"]>;
  readonly slots: View<Records["slots"]>;
}
interface Group {
  placement: GroupPlacement | undefined;
  readonly shards: Map<string, ShardPlacement>;
}

export class GroupWorlds {
  readonly #views: Views;
  /** Every shard's loop asks: put together once for each state of the view. */
  #known: { readonly of: Placements; readonly groups: ReadonlyMap<string, Group> } | undefined;

  constructor(views: Views) {
    this.#views = views;
  }

  /** Undefined while the group has no placement, or that of an earlier group of its name. */
  of(shard: ShardPlacement): ShimSeen | undefined {
    const key = slotsKey(shard.tenant, shard.group);
    const group = this.#groups().get(key);
    if (group?.placement?.intentUid !== shard.intentUid) return undefined;
    const slots = this.#views.slots.get(key)?.value;
    return { shard, group: group.placement, shards: siblings(shard, group), slots };
  }

  #groups(): ReadonlyMap<string, Group> {
    const entries = this.#views.placements.entries();
    if (this.#known?.of !== entries) this.#known = { of: entries, groups: grouped(entries) };
    return this.#known.groups;
  }
}

function siblings({ intentUid }: ShardPlacement, { shards }: Group): Map<string, ShardPlacement> {
  return new Map([...shards].filter(([, each]) => each.intentUid === intentUid));
}

function grouped(entries: Placements): Map<string, Group> {
  const groups = new Map<string, Group>();
  const at = (tenant: string, name: string) => {
    const key = slotsKey(tenant, name);
    const known = groups.get(key) ?? { placement: undefined, shards: new Map<string, ShardPlacement>() };
    groups.set(key, known);
    return known;
  };
  for (const { value } of entries.values())
    if (value.kind === "group") at(value.tenant, value.name).placement = value;
    else if (value.kind === "shard") at(value.tenant, value.group).shards.set(value.name, value);
  return groups;
}
