/** Reads what a TypeScript source imports and which identifiers it uses, by oxc's parser. Writes nothing. */
import { parseSync, Visitor } from "oxc-parser";

export interface SourceFacts {
  readonly imports: readonly string[];
  readonly identifiers: ReadonlySet<string>;
  readonly awaits: boolean;
}

/** Facts of one source. Throws when it does not parse. */
export function factsOf(file: string, text: string): SourceFacts {
  const { program, errors } = parseSync(file, text);
  const [fault] = errors;
  if (fault !== undefined) throw new Error(`${file}: ${fault.message}`);
  const imports: string[] = [];
  const identifiers = new Set<string>();
  let awaits = false;
  const asynchronous = (node: { async: boolean }) => {
    awaits ||= node.async;
  };
  new Visitor({
    ImportDeclaration: (node) => void imports.push(node.source.value),
    ExportAllDeclaration: (node) => void imports.push(node.source.value),
    ExportNamedDeclaration: (node) => void (node.source && imports.push(node.source.value)),
    ImportExpression: (node) =>
      void imports.push(node.source.type === "Literal" ? String(node.source.value) : "?"),
    TSImportType: (node) => void imports.push(node.source.value),
    Identifier: (node) => void identifiers.add(node.name),
    MemberExpression: (node) => {
      if (node.object.type === "Identifier" && node.property.type === "Identifier")
        identifiers.add(`${node.object.name}.${node.property.name}`);
    },
    AwaitExpression: () => {
      awaits = true;
    },
    FunctionDeclaration: asynchronous,
    FunctionExpression: asynchronous,
    ArrowFunctionExpression: asynchronous,
  }).visit(program);
  return { imports, identifiers, awaits };
}
