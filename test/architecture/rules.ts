/**
 * The architecture as a table: which part of the tree may import which others.
 * Read by architecture.test.ts; a part that is not in the table is a fault, so nothing grows unseen.
 */

/** What a part may import: parts of Weft by package, built-in modules of node, packages of others. */
export interface Rule {
  /** Folder, relative to the top; the longest that fits a file counts. */
  readonly folder: string;
  readonly weft: readonly string[];
  readonly node: boolean;
  /** Names of packages of others; "any" where the package.json is what bounds them. */
  readonly packages: readonly string[] | "any";
  /** Globals and words that must not occur at all. */
  readonly forbidden?: readonly string[];
}

/** What would let the clock, chance or waiting into a decision. */
const impure = [
  "Date",
  "performance",
  "crypto",
  "Promise",
  "process",
  "setTimeout",
  "setInterval",
  "fetch",
  "Math.random",
];

const every = [
  "@weft/schemas",
  "@weft/decide",
  "@weft/ovsdb",
  "@weft/ovsdb/notation",
  "@weft/ovsdb/generated",
  "@weft/ovsdb/replica",
  "@weft/ovn",
  "@weft/bus",
  "@weft/consul",
  "@weft/drivers",
  "@weft/functions",
  "@weft/runtime",
];

export const rules: readonly Rule[] = [
  { folder: "schemas/src", weft: [], node: false, packages: ["zod"] },
  { folder: "schemas/scripts", weft: [], node: true, packages: ["zod"] },
  { folder: "libs/decide/src", weft: ["@weft/schemas"], node: false, packages: [], forbidden: impure },
  { folder: "libs/ovsdb/src", weft: [], node: false, packages: [] },
  { folder: "libs/ovsdb/src/client", weft: [], node: true, packages: [] },
  { folder: "libs/ovsdb/scripts", weft: [], node: true, packages: ["oxc-parser"] },
  {
    folder: "libs/ovn/src",
    weft: [
      "@weft/schemas",
      "@weft/decide",
      "@weft/ovsdb/notation",
      "@weft/ovsdb/generated",
      "@weft/ovsdb/replica",
    ],
    node: false,
    packages: [],
  },
  { folder: "libs/bus/src", weft: ["@weft/schemas", "@weft/runtime"], node: true, packages: "any" },
  { folder: "libs/consul/src", weft: ["@weft/schemas", "@weft/runtime"], node: true, packages: "any" },
  { folder: "libs/runtime/src", weft: ["@weft/schemas"], node: true, packages: "any" },
  { folder: "libs/drivers", weft: ["@weft/schemas", "@weft/runtime"], node: true, packages: "any" },
  { folder: "libs/functions", weft: ["@weft/schemas", "@weft/runtime"], node: true, packages: "any" },
  { folder: "libs/client/src", weft: ["@weft/schemas"], node: true, packages: "any" },
  {
    folder: "libs/host",
    weft: ["@weft/schemas", "@weft/client", "@weft/drivers"],
    node: true,
    packages: "any",
  },
  {
    folder: "libs/cli",
    weft: ["@weft/schemas", "@weft/client", "@weft/host", "@weft/lab"],
    node: true,
    packages: "any",
  },
  { folder: "libs/lab", weft: [...every, "@weft/client", "@weft/host"], node: true, packages: "any" },
  { folder: "libs/testkit", weft: [...every, "@weft/client", "@weft/lab"], node: true, packages: "any" },
  ...["intent", "scheduler", "network-stitcher", "autoscaler", "health", "gateway", "agent"].map((name) => ({
    folder: `services/${name}`,
    weft: every,
    node: true,
    packages: "any" as const,
  })),
];
