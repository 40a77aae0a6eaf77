/** The bearer token: one line of a file that nobody but its owner may read. */
import { readFileSync, statSync } from "node:fs";
import { WeftError } from "@weft/schemas";

export function readToken(file: string): string {
  const mode = modeOf(file);
  if ((mode & 0o077) !== 0)
    throw new WeftError(
      "invalid-request",
      `${file} can be read by others (mode ${(mode & 0o777).toString(8)}): chmod 600 it.`,
    );
  const token = readFileSync(file, "utf8").trim();
  if (!/^[\x21-\x7e]{16,}$/.test(token))
    throw new WeftError("invalid-request", `${file} holds no token of at least 16 printable characters.`);
  return token;
}

function modeOf(file: string): number {
  try {
    return statSync(file).mode;
  } catch (cause) {
    throw new WeftError("invalid-request", `The token file ${file} cannot be read.`, { cause });
  }
}
