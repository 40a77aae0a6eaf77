/**
 * `npm pack` and `npm publish` run this before and after: inside the checkout the package is its TypeScript, which needs no build;
 * in a tarball it is JavaScript. `prepare` builds and points package.json at dist/lib, `restore` takes that back.
 * Between the two the checkout goes on working, by way of dist/lib. What goes into the tarball is `files` in package.json.
 */
import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { build } from "./build.ts";

const top = path.resolve(import.meta.dirname, "..");
const packageFile = path.join(top, "package.json");
const license = path.join(top, "LICENSE");

/** The text of package.json with every entry at its JavaScript and its declarations. */
export function publishedShape(text: string): string {
  return text
    .replaceAll(/"types": "\.\/src\/(.+)\.ts"/g, '"types": "./dist/lib/$1.d.ts"')
    .replaceAll(/"default": "\.\/src\/(.+)\.ts"/g, '"default": "./dist/lib/$1.js"');
}

/** The inverse; a text that has the workspace's shape already stays as it is. */
export function workspaceShape(text: string): string {
  return text.replaceAll(/"\.\/dist\/lib\/(.+?)(?:\.d\.ts|\.js)"/g, '"./src/$1.ts"');
}

function rewrite(shape: (text: string) => string): void {
  writeFileSync(packageFile, shape(readFileSync(packageFile, "utf8")));
}

if (process.argv[2] === "prepare") {
  build();
  copyFileSync(path.join(top, "../../LICENSE"), license);
  rewrite(publishedShape);
} else if (process.argv[2] === "restore") {
  rewrite(workspaceShape);
  rmSync(license, { force: true });
}
