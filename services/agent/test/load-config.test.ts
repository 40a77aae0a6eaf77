/** A shard's configuration loaded by the real nft, in a network namespace that ends with the test; needs no root. */
import { execFileSync } from "node:child_process";
import path from "node:path";
import type { ShardPlacement } from "@weft/schemas";
import { expect, it } from "vitest";
import { z } from "zod";

const Outcome = z.object({ outcome: z.unknown(), inForce: z.array(z.string()), forwards: z.boolean() });

const rule = (name: string, match?: string) => ({
  name,
  action: "accept",
  protocol: "tcp",
  ports: [80],
  ...(match === undefined ? {} : { match }),
});
const placement = (...rules: readonly object[]) =>
  ({
    function: "firewall",
    config: { rules },
    networks: { inside: ["10.1.0.0/16"] },
    probe: { inner: { addresses: ["100.64.0.128/32"] }, outer: { addresses: ["100.64.1.128/32"] } },
  }) as unknown as ShardPlacement;

/** Without root, a user namespace gives the rights over the network namespace, as long as one is in it. */
function loadedOneAfterTheOther(...placements: readonly ShardPlacement[]) {
  const apart = process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"];
  const script = path.join(import.meta.dirname, "load-in-namespace.ts");
  // A new namespace forwards where the machine does: wiring turns that off, and is not looked at here.
  const shut = 'echo 0 > /proc/sys/net/ipv4/ip_forward; exec "$@"';
  const command = [process.execPath, script, JSON.stringify(placements)];
  const args = [...apart, "--net", "--", "sh", "-c", shut, "sh", ...command];
  const stdout = execFileSync("unshare", args, { encoding: "utf8" });
  return stdout
    .trim()
    .split("\n")
    .map((line) => Outcome.parse(JSON.parse(line)));
}

it("opens the way for packets once a configuration is in force, and keeps that one when the next is refused", () => {
  const refused = placement(rule("bad", "tcp sport 99999"));
  const [shut, first, kept, second] = loadedOneAfterTheOther(
    refused,
    placement(rule("web")),
    refused,
    placement(rule("web"), rule("more")),
  );
  const refusal = {
    code: "config-refused",
    faults: [{ path: "rules[0].match", message: "nft says: Service out of range" }],
  };
  expect(shut).toEqual({ outcome: refusal, inForce: [], forwards: false });
  expect(first).toMatchObject({ outcome: "loaded", forwards: true });
  expect(first?.inForce.join("\n")).toContain("rule_web");
  expect(kept).toEqual({ outcome: refusal, inForce: [], forwards: true });
  expect(second?.inForce.length).toBeGreaterThan(first?.inForce.length ?? 0);
  expect(second?.inForce[0]).toBe("table inet weft_firewall {");
});
