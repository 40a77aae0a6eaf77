/** Thousands of histories of handoffs under faults, by the decisions that the services run: none breaks a rule. */
import { extent } from "@weft/testkit";
import { expect, it } from "vitest";
import { runHistories } from "./run-histories.ts";

const histories = extent({ bounded: 5_000, full: 100_000 });

it("keeps every rule in thousands of histories", { timeout: histories * 500 }, async () => {
  const { histories: ran, failures } = await runHistories(histories, 1);
  expect(failures).toEqual([]);
  expect(ran).toBe(histories);
});
