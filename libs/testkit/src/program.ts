/**
 * Finds the real servers that tests start: on the PATH, then in Weft's cache folder.
 * Reads both by setup/programs.mjs.
 * A missing one fails the test and says what to install; it never skips.
 */
import { findProgram, findProgramAtLeast } from "../../../setup/programs.mjs";

const install: Readonly<Record<string, string>> = {
  "nats-server": "run `npm run setup`",
  consul: "run `npm run setup`",
  "ovsdb-server": "apt-get install openvswitch-switch",
  "ovsdb-tool": "apt-get install openvswitch-switch",
  "ovn-northd": "apt-get install ovn-central",
  "ovn-nbctl": "apt-get install ovn-common",
};

export function program(name: string, atLeast?: string): string {
  const file = atLeast === undefined ? findProgram(name) : findProgramAtLeast(name, atLeast)?.file;
  if (file !== undefined) return file;
  const version = atLeast === undefined ? "" : ` >= ${atLeast}`;
  throw new Error(`${name}${version} is missing: ${install[name] ?? "install it"}`);
}
