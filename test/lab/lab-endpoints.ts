/** Where the lab that is up has its services and databases, and the tools of OVN and Open vSwitch on them. */
import { labStatus } from "@weft/lab";
import { done } from "./command-line.ts";

export function endpoints() {
  const found = labStatus()?.endpoints;
  if (found === undefined) throw new Error("no lab is up");
  return found;
}

export const nbctl = (...args: string[]) => done("ovn-nbctl", `--db=${endpoints().northbound}`, ...args);

export function vsctl(node: string, ...args: string[]): Promise<string> {
  const ovsdb = endpoints().nodes.find(({ name }) => name === node)?.ovsdb ?? "";
  return done("ovs-vsctl", `--db=${ovsdb}`, ...args);
}
