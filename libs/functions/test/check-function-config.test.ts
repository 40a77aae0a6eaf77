/** Every configuration that the schema lets in passes the real nft, and what nft refuses comes back with its place. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkFunctionConfig } from "../src/index.ts";

const networks = { inside: ["10.1.0.0/16", "fd00:1::/64"], outside: ["10.2.0.0/16", "fd00:2::/64"] };
const context = { networks };

const port = fc.integer({ min: 1, max: 65_535 });
const range = fc.tuple(port, port).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`);
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const network = fc.constantFrom("inside", "outside");
const subnet = fc.constantFrom(
  "10.1.4.0/24",
  "10.1.4.0/30",
  "10.0.0.0/8",
  "0.0.0.0/0",
  "fd00:1::/80",
  "::/0",
);
const withPorts = fc.record({
  protocol: fc.constantFrom("tcp", "udp", "sctp"),
  ports: fc.array(fc.oneof(port, range), { minLength: 1, maxLength: 6 }),
});
const withoutPorts = fc.record({ protocol: optional(fc.constantFrom("tcp", "udp", "sctp", "icmp")) });
const match = fc.constantFrom(
  "ip ttl > 3",
  "meta length 64-1500",
  "tcp flags & (syn | ack) == syn",
  "ct direction original",
);
const ends = fc.record({
  from: optional(network),
  to: optional(network),
  source: optional(fc.array(subnet, { minLength: 1, maxLength: 4 })),
  match: optional(match),
});
const name = fc.stringMatching(/^[a-z0-9](?:[-a-z0-9]{0,20}[a-z0-9])?$/);
const action = fc.constantFrom("accept", "drop", "reject");
const rule = fc
  .tuple(fc.record({ name, action }), ends, fc.oneof(withPorts, withoutPorts))
  .map(([base, some, more]) =>
    Object.fromEntries(Object.entries({ ...base, ...some, ...more }).filter(([, v]) => v !== undefined)),
  );
const config = fc.record({
  default: fc.constantFrom("accept", "drop"),
  rules: fc.uniqueArray(rule, { selector: (each) => each["name"], maxLength: 8 }),
});

/** A verbatim match of one family beside addresses or protocols of another is nft's to refuse. */
const conflicts = /conflicting|protocol|can match nothing|reject/i;

describe("a configuration that the schema lets in", () => {
  it("passes nft, but for a verbatim match that contradicts the rest of its rule", async () => {
    await fc.assert(
      fc.asyncProperty(config, async (wanted) => {
        const faults = await checkFunctionConfig("firewall", wanted, context);
        for (const { path, message } of faults) {
          const index = Number(/^rules\[(\d+)\]/.exec(path)?.[1]);
          expect(message).toMatch(conflicts);
          expect(wanted.rules[index]?.["match"] !== undefined || message.includes("can match nothing")).toBe(
            true,
          );
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe("a configuration that only nft can refuse", () => {
  it("comes back with the field that nft means", async () => {
    const rules = [
      { name: "good", action: "accept", protocol: "tcp", ports: [80] },
      { name: "bad", action: "accept", protocol: "tcp", ports: [80], match: "tcp sport 99999" },
    ];
    const faults = await checkFunctionConfig("firewall", { rules }, context);
    expect(faults).toEqual([{ path: "rules[1].match", message: "nft says: Service out of range" }]);
  });

  it("is told from a function that is not there", async () => {
    expect(await checkFunctionConfig("toaster", {}, context)).toEqual([
      { path: "", message: 'there is no function "toaster"' },
    ]);
  });
});
