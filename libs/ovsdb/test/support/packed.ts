/**
 * The package as a stranger gets it: packed by npm out of a copy of this folder, installed from the tarball into an empty one, offline.
 * Writes a temporary folder alone: the checkout's package.json is not touched.
 * What must work there is left to package.test.ts.
 */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { program } from "@weft/testkit";
import { z } from "zod";

const run = promisify(execFile);
const checkout = path.resolve(import.meta.dirname, "../../../..");
const Packed = z.tuple([z.object({ filename: z.string(), files: z.array(z.object({ path: z.string() })) })]);

export interface Packed extends AsyncDisposable {
  /** Empty but for the package in node_modules. */
  readonly consumer: string;
  /** The folder that was packed, as `npm pack` left it. */
  readonly source: string;
  /** What the tarball holds. */
  readonly files: readonly string[];
}

export async function packed(): Promise<Packed> {
  const folder = await mkdtemp(path.join(tmpdir(), "ovsdb-pack-"));
  const [source, consumer] = [path.join(folder, "tree/libs/ovsdb"), path.join(folder, "consumer")];
  try {
    await copyPackage(path.join(folder, "tree"));
    const npm = (cwd: string, args: readonly string[]) =>
      run(program("npm"), args, {
        cwd,
        env: { ...process.env, npm_config_cache: path.join(folder, "cache") },
      });
    const { stdout } = await npm(source, ["pack", "--json", "--silent", "--pack-destination", folder]);
    const [{ filename, files }] = Packed.parse(JSON.parse(stdout));
    await mkdir(consumer);
    await writeFile(path.join(consumer, "package.json"), "{}");
    await npm(consumer, ["install", "--offline", "--no-audit", "--no-fund", path.join(folder, filename)]);
    const gone = () => rm(folder, { recursive: true, force: true });
    return { consumer, source, files: files.map((file) => file.path).sort(), [Symbol.asyncDispose]: gone };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** As it lies in a checkout: the compiler's base settings, the licence and the installed packages are two folders up. */
async function copyPackage(tree: string): Promise<void> {
  const built = path.join(checkout, "libs/ovsdb/dist");
  await cp(path.join(checkout, "libs/ovsdb"), path.join(tree, "libs/ovsdb"), {
    recursive: true,
    filter: (file) => file !== built && path.basename(file) !== "node_modules",
  });
  for (const file of ["LICENSE", "tsconfig.base.json"])
    await cp(path.join(checkout, file), path.join(tree, file));
  await symlink(path.join(checkout, "node_modules"), path.join(tree, "node_modules"));
}
