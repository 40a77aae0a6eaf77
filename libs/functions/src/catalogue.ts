/** The catalogue: every network function that Weft knows, by name. A new one is a folder beside this file and a line here. */
import { firewall } from "./firewall/firewall.ts";
import type { NetworkFunction } from "./network-function.ts";

export const functions: ReadonlyMap<string, NetworkFunction> = new Map(
  [firewall].map((each) => [each.name, each]),
);
