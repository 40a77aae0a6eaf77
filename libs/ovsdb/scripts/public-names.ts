/**
 * Which names an entry file offers, where each is declared, and how. Reads .d.ts files by oxc's parser (TypeScript 7 has no stable API).
 * Returns the declarations as text, without what is private, and their docstrings.
 * Setting them out is left to api-page.ts.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import type { Comment, Directive, Statement } from "oxc-parser";
import { parseSync } from "oxc-parser";

export interface PublicName {
  readonly name: string;
  readonly kind: "class" | "function" | "const" | "interface" | "type";
  /** Folder below src/. */
  readonly folder: string;
  readonly doc: string;
  readonly text: string;
}

const kinds: ReadonlyMap<string, PublicName["kind"]> = new Map([
  ["ClassDeclaration", "class"],
  ["FunctionDeclaration", "function"],
  ["TSDeclareFunction", "function"],
  ["TSInterfaceDeclaration", "interface"],
  ["TSTypeAliasDeclaration", "type"],
]);

interface Source {
  readonly file: string;
  readonly text: string;
  readonly body: readonly (Directive | Statement)[];
  readonly comments: readonly Comment[];
}

export function publicNames(declarations: string): readonly PublicName[] {
  return namesOf(path.join(declarations, "index.d.ts"));
}

function namesOf(file: string): readonly PublicName[] {
  const source = read(file);
  return source.body.flatMap((statement): readonly PublicName[] => {
    if (statement.type === "ExportAllDeclaration") return namesOf(beside(file, statement.source.value));
    if (statement.type !== "ExportNamedDeclaration" || statement.source === null) return [];
    const from = beside(file, statement.source.value);
    return statement.specifiers.map(({ exported }) =>
      nameFrom(from, "name" in exported ? exported.name : exported.value),
    );
  });
}

/** Declared in that file, or handed on by it as an entry of its folder. */
function nameFrom(file: string, name: string): PublicName {
  const found = declared(read(file), name) ?? namesOf(file).find((handedOn) => handedOn.name === name);
  if (found === undefined) throw new Error(`${file} has no ${name}`);
  return found;
}

function declared(source: Source, name: string): PublicName | undefined {
  for (const statement of source.body) {
    if (statement.type !== "ExportNamedDeclaration" || statement.declaration === null) continue;
    const { declaration } = statement;
    const found = nameAndKind(declaration);
    if (found?.name !== name) continue;
    const folder = path.basename(path.dirname(source.file));
    return {
      ...found,
      folder,
      doc: docAbove(source, statement.start),
      text: tidied(source.text.slice(statement.start, statement.end)),
    };
  }
  return undefined;
}

type Declaration = NonNullable<Extract<Statement, { type: "ExportNamedDeclaration" }>["declaration"]>;

function nameAndKind(declaration: Declaration): Pick<PublicName, "name" | "kind"> | undefined {
  if (declaration.type === "VariableDeclaration") {
    const id = declaration.declarations[0]?.id;
    return id?.type === "Identifier" ? { name: id.name, kind: "const" } : undefined;
  }
  const kind = kinds.get(declaration.type);
  const named =
    "id" in declaration && declaration.id?.type === "Identifier" ? declaration.id.name : undefined;
  return kind === undefined || named === undefined ? undefined : { name: named, kind };
}

/** The docstring right above, as text; of a file's own opening, which speaks of the file, the first sentence alone. */
function docAbove({ text, comments }: Source, start: number): string {
  const comment = comments.find(({ end }) => end <= start && /^\s*$/.test(text.slice(end, start)));
  if (comment === undefined || !comment.value.startsWith("*")) return "";
  const lines = comment.value.slice(1).split("\n");
  const doc = lines.map((line) => line.replace(/^\s*\* ?/, "").trim()).join("\n");
  return (comment.start === 0 ? doc.replace(/(?<=\.)\s[^]*$/, "") : doc).trim();
}

/** As it is used: `export declare` and private members tell a reader nothing. */
function tidied(text: string): string {
  return text
    .replace(/^export (?:declare )?/, "")
    .split("\n")
    .filter((line) => !/^\s*(?:#private;|private )/.test(line))
    .map((line) => line.replace(/^(?: {4})+/, (indent) => indent.replaceAll("    ", "  ")))
    .join("\n");
}

function read(file: string): Source {
  const text = readFileSync(file, "utf8");
  const { program, comments, errors } = parseSync(file, text);
  if (errors[0] !== undefined) throw new Error(`${file}: ${errors[0].message}`);
  return { file, text, body: program.body, comments };
}

function beside(file: string, specifier: string): string {
  return path.join(path.dirname(file), specifier.replace(/\.(?:ts|js)$/, ".d.ts"));
}
