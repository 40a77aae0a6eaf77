import type { ConfigToCheck } from "@weft/decide";
import { finding } from "@weft/decide";
import { describe, expect, it } from "vitest";
import { configFindings } from "./config-findings.ts";
import type { Functions } from "./ports.ts";

const config = (index: number): ConfigToCheck => ({
  group: `g${index}`,
  function: "firewall",
  config: { index },
  networks: {},
  path: `documents[${index}]`,
});

/** Notes how many checks run at once; each takes a turn of the event loop. */
function tool() {
  const seen = { running: 0, most: 0, checked: [] as unknown[] };
  const functions: Functions = {
    known: [],
    checkConfig: async (_name, given) => {
      seen.running += 1;
      seen.most = Math.max(seen.most, seen.running);
      await new Promise(setImmediate);
      seen.running -= 1;
      seen.checked.push(given);
      return [{ path: "", message: `tool ${JSON.stringify(given)}` }];
    },
    quickCheck: () => [{ path: "", message: "schema" }],
  };
  return { seen, functions };
}

describe("the configurations of many groups", () => {
  it("are checked four at once, and told of in their order", async () => {
    const { seen, functions } = tool();
    const configs = Array.from({ length: 10 }, (_, index) => config(index));
    const findings = await configFindings(configs, { functions, sound: new Set(), others: [] });
    expect(seen.most).toBe(4);
    expect(findings.map(({ path }) => path)).toEqual(configs.map(({ path }) => `${path}.spec.config`));
  });
});

describe("the configuration of a document that has a fault already", () => {
  it("is looked at without the function's tool", async () => {
    const { seen, functions } = tool();
    const others = [finding("invalid-document", "documents[1].spec.colour", "is no field")];
    const configs = [config(1), config(11)];
    const findings = await configFindings(configs, { functions, sound: new Set(), others });
    expect(seen.checked).toEqual([{ index: 11 }]);
    expect(findings.map(({ message }) => message)).toEqual(["schema", 'tool {"index":11}']);
  });
});
