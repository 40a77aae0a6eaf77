/**
 * The tiers of the test suite. `unit` stands beside the source and needs nothing; `integration` starts real
 * servers in folders and on ports of its own; `lab` needs root and runs one file at a time, since it owns the machine's lab.
 */
import { defineConfig } from "vitest/config";

/** The full figures take longer, so `npm run test:long` gives each test ten times as long. */
const patience = process.env["WEFT_TEST_LONG"] === "1" ? 10 : 1;
const everywhere = ["**/node_modules/**", "**/dist/**"];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: [
            "schemas/src/**/*.test.ts",
            "libs/*/src/**/*.test.ts",
            "services/*/src/**/*.test.ts",
            "test/bench/**/*.test.ts",
            "test/nemesis/**/*.test.ts",
          ],
          exclude: everywhere,
          // Properties take seconds; how long they may take depends on what else the machine does.
          testTimeout: 60_000 * patience,
        },
      },
      {
        test: {
          name: "integration",
          include: [
            "test/integration/**/*.test.ts",
            "test/simulator/**/*.test.ts",
            "libs/*/test/**/*.test.ts",
            "services/*/test/**/*.test.ts",
            "test/traffic/**/*.test.ts",
          ],
          exclude: everywhere,
          testTimeout: 60_000 * patience,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "lab",
          include: ["test/lab/**/*.test.ts"],
          exclude: everywhere,
          testTimeout: 180_000 * patience,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "architecture",
          include: ["test/architecture/**/*.test.ts"],
          exclude: everywhere,
          testTimeout: 60_000,
        },
      },
    ],
  },
});
