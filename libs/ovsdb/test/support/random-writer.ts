/**
 * Random, repeatable transactions on a northbound database: switches with ports, ids and references that come, change and go.
 * Reads a seed, returns operations; each is valid at any moment, whatever other writers do.
 * Sending them is left to the tests.
 */
import type { Operation } from "../../src/index.ts";
import { OvnNorthbound, database } from "../../src/index.ts";

const nb = database(OvnNorthbound);

/** Mulberry32: small, and the same on every machine. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function randomTransaction(random: () => number, serial: string): readonly Operation[] {
  const below = (bound: number): number => Math.floor(random() * bound);
  const where = [["name", "==", `sw${below(8)}`]] as const;
  const key = `k${below(4)}`;
  switch (below(9)) {
    case 0:
    case 1:
      return [
        nb.insert("Logical_Switch_Port", { name: `p${serial}`, addresses: ["dynamic", serial] }, "p"),
        nb.insert("Logical_Switch", {
          name: `sw${below(8)}`,
          ports: [{ named: "p" }],
          other_config: { [key]: serial },
        }),
      ];
    case 2:
      return [nb.delete("Logical_Switch", where)];
    case 3:
      return [
        nb.mutate("Logical_Switch", where, [
          ["other_config", "delete", [key]],
          ["external_ids", "insert", { [key]: serial }],
        ]),
      ];
    case 4:
      return [
        nb.update("Logical_Switch", where, {
          other_config: { [key]: serial, fixed: "1" },
          name: `sw${below(8)}`,
        }),
      ];
    case 5:
      return [
        nb.update("Logical_Switch_Port", [["addresses", "includes", ["dynamic"]]], {
          tag: below(2) === 0 ? undefined : 1 + below(4_000),
          enabled: below(2) === 0 ? undefined : true,
        }),
      ];
    case 6:
      return [
        nb.mutate(
          "Logical_Switch_Port",
          [],
          [
            ["port_security", "insert", [`s${below(6)}`, `s${below(6)}`]],
            ["addresses", "delete", [serial]],
          ],
        ),
      ];
    case 7:
      return [nb.mutate("Logical_Switch_Port", [], [["port_security", "delete", [`s${below(6)}`]]])];
    default:
      return [
        nb.insert(
          "ACL",
          { action: "drop", direction: "to-lport", match: serial, priority: below(32_768) },
          "acl",
        ),
        nb.mutate("Logical_Switch", where, [["acls", "insert", [{ named: "acl" }]]]),
      ];
  }
}
