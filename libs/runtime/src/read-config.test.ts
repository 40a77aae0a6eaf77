import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ConfigError, fieldName, readConfig, variableName } from "./read-config.ts";

const Config = z.strictObject({
  natsUrl: z.string().default("nats://127.0.0.1:4222"),
  resyncMs: z.coerce.number().int().min(1).default(5_000),
  node: z.string(),
});

function faults(environment: Record<string, string>): readonly string[] {
  try {
    readConfig(Config, environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
}

describe("the environment of a service", () => {
  it("becomes its configuration, with defaults", () => {
    const { config, runtime } = readConfig(Config, {
      WEFT_NODE: "node-1",
      WEFT_RESYNC_MS: "10",
      PATH: "/bin",
    });
    expect(config).toEqual({ natsUrl: "nats://127.0.0.1:4222", resyncMs: 10, node: "node-1" });
    expect(runtime).toEqual({ logLevel: "info", metricsHost: "127.0.0.1" });
  });

  it("is refused with every fault at once, each by the name of its variable", () => {
    expect(faults({ WEFT_RESYNC_MS: "soon", WEFT_NATS_ULR: "x", WEFT_LOG_LEVEL: "loud" })).toEqual([
      "WEFT_NATS_ULR: there is no such setting",
      expect.stringMatching(/^WEFT_RESYNC_MS: /),
      expect.stringMatching(/^WEFT_NODE: /),
      expect.stringMatching(/^WEFT_LOG_LEVEL: /),
    ]);
  });

  it("may hold words of Weft's other programs", () => {
    const others = {
      WEFT_LAB: "1",
      WEFT_CACHE: "/c",
      WEFT_TOKEN: "t",
      WEFT_LAB_DIR: "/run/weft/test",
      WEFT_TEST_LONG: "1",
      WEFT_METRICS_PORT: "9100",
    };
    expect(readConfig(Config, { WEFT_NODE: "n", ...others }).runtime.metricsPort).toBe(9_100);
  });

  it("gives a service a word of the others that it has a field for", () => {
    const schema = z.strictObject({ token: z.string() });
    expect(readConfig(schema, { WEFT_TOKEN: "t" }).config).toEqual({ token: "t" });
  });
});

describe("names of variables", () => {
  it.each([
    ["WEFT_NATS_URL", "natsUrl"],
    ["WEFT_NODE", "node"],
    ["WEFT_RESYNC_MS", "resyncMs"],
  ])("%s is %s and back", (variable, field) => {
    expect(fieldName(variable)).toBe(field);
    expect(variableName(field)).toBe(variable);
  });
});
