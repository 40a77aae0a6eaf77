/**
 * Compiles src/ to JavaScript and declarations for Node 20: what the package holds in place of its TypeScript.
 * Reads src/ and tsconfig.json; `npm run build` writes dist/lib, cleared first.
 * The package around it is left to pack.ts.
 */
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import path from "node:path";

const top = path.resolve(import.meta.dirname, "..");

/** Into another folder when one is named, and then the declarations alone: what the API page is made of. */
export function build(declarationsInto?: string): void {
  if (declarationsInto === undefined) {
    rmSync(path.join(top, "dist"), { recursive: true, force: true });
    compile([]);
  } else {
    const alone = [
      "--composite",
      "false",
      "--incremental",
      "false",
      "--declaration",
      "--emitDeclarationOnly",
    ];
    compile([...alone, "--outDir", declarationsInto]);
  }
}

function compile(more: readonly string[]): void {
  const project = path.join(top, "tsconfig.json");
  execFileSync("tsc", ["--project", project, ...more], { stdio: ["ignore", "inherit", "inherit"] });
}

if (process.argv[1] === import.meta.filename) build();
