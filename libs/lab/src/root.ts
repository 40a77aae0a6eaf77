/** Says who may run a lab: namespaces, links and Open vSwitch are root's. */
import { WeftError } from "@weft/schemas";

export function requireRoot(what: string): void {
  if (process.getuid?.() !== 0)
    throw new WeftError(
      "forbidden",
      `\`${what}\` makes network namespaces and must be run by root: try sudo.`,
    );
}
