/** Who holds which row: OVN's references go from the holder to the held, steps and diffs want the other way. */
export interface Parent {
  readonly id: string;
  readonly name: string;
}

interface Holder {
  readonly _uuid: string;
  readonly name: string;
}

export function parentsOf<Row extends Holder>(
  holders: readonly Row[],
  held: (row: Row) => readonly string[],
): ReadonlyMap<string, Parent> {
  return new Map(
    holders.flatMap((row) => held(row).map((id) => [id, { id: row._uuid, name: row.name }] as const)),
  );
}
