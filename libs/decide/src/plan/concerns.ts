/** What a record's or a row's key is about, in the words that users type: shard/edge-fw-1, chain/edge. Pure. */

export interface Concern {
  /** Empty where no tenant owns it. */
  readonly tenant: string;
  readonly concerns: string;
}

const words: Readonly<Record<string, string>> = {
  group: "functiongroup",
  inner: "functiongroup",
  outer: "functiongroup",
  uplink: "network",
};

/** Keys of buckets: <tenant>.<kind>.<name>, and <tenant>.<group> for slots. */
export function concernOfRecord(key: string): Concern {
  const [tenant = "", second = "", third] = key.split(".");
  return third === undefined ? about(tenant, "functiongroup", second) : about(tenant, second, third);
}

/** Keys of northbound rows, as stitch/names.ts and schedule/addressing.ts make them. */
export function concernOfRow(key: string): Concern {
  const [kind = "", owner = "", name = ""] = key.split("/");
  if (kind === "chain") return about(owner, "chain", name);
  if (kind === "isolation") return about(owner, "network", name);
  const [weft, tenant = "", first = "", second = "", third = ""] = key.split(".");
  if (weft !== "weft" || first === "") return { tenant: "", concerns: key };
  if (first === "router") return { tenant, concerns: `tenant/${tenant}` };
  return first === "lrp" || first === "lsp" ? about(tenant, second, third) : about(tenant, first, second);
}

function about(tenant: string, kind: string, name: string): Concern {
  return { tenant, concerns: `${words[kind] ?? kind}/${name}` };
}
