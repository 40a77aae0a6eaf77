/**
 * The declarations of the package → docs/api.md: every public name with its docstring and its signature, grouped by folder.
 * Reads the .d.ts files of a build through their entry files; returns text.
 * Compiling is left to build.ts, writing to generate.ts.
 */
import { publicNames } from "./public-names.ts";
import type { PublicName } from "./public-names.ts";

/** In the order in which a reader needs them; a folder that is not here is not public. */
const chapters = [
  { folder: "client", title: "The client" },
  { folder: "notation", title: "Operations, values, errors: `@weft/ovsdb/notation`" },
  { folder: "replica", title: "Replicas: `@weft/ovsdb/replica`" },
  { folder: "schema", title: "Schemas" },
  { folder: "updates", title: "Updates" },
  { folder: "rpc", title: "Connections" },
] as const;

const opening = `# The API of @weft/ovsdb

Generated from the declarations by \`npm run generate\`: change nothing here. What the words mean and how they work together is told in
[README.md](../README.md).

All names are had from \`@weft/ovsdb\`; the entries \`/notation\`, \`/replica\` and \`/generated\` have theirs without anything that opens a socket.
\`OvnNorthbound\`, \`OvnSouthbound\` and \`OpenVswitch\` are each a schema and the type of its rows: \`RowOf<OvnNorthbound, "Logical_Switch">\`.
`;

export function renderApiPage(declarations: string): string {
  const names = publicNames(declarations).filter(({ folder }) => folder !== "generated");
  const unplaced = names.filter(({ folder }) => !chapters.some((chapter) => chapter.folder === folder));
  if (unplaced.length > 0)
    throw new Error(
      `no chapter for ${unplaced.map(({ name }) => name).join(", ")}: add its folder to scripts/api-page.ts`,
    );
  const parts = chapters.map(({ folder, title }) => {
    const own = names.filter((name) => name.folder === folder).toSorted(inOrder);
    return [`## ${title}`, ...own.map(renderName)].join("\n\n");
  });
  return `${[opening, ...parts].join("\n\n")}\n`.replaceAll(/\n{3,}/g, "\n\n");
}

function renderName({ name, doc, text }: PublicName): string {
  return [`### ${name}`, ...(doc === "" ? [] : [doc]), `\`\`\`ts\n${text}\n\`\`\``].join("\n\n");
}

/** Classes and functions are what one looks for first. */
function inOrder(a: PublicName, b: PublicName): number {
  const rank = ({ kind }: PublicName) => ["class", "function", "const", "interface", "type"].indexOf(kind);
  return rank(a) - rank(b) || (a.name < b.name ? -1 : 1);
}
