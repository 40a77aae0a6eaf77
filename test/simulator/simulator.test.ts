/** Thousands of histories of handoffs under faults, by the decisions that the services run: none breaks a rule. */
import { extent } from "@weft/testkit";
import { expect, it } from "vitest";
import { guards } from "./guards.ts";
import { runHistories } from "./run-histories.ts";
import { searchGuards } from "./search-guards.ts";

const histories = extent({ bounded: 5_000, full: 100_000 });

it("keeps every rule in thousands of histories", { timeout: histories * 500 }, async () => {
  const { histories: ran, failures } = await runHistories(histories, 1);
  expect(failures).toEqual([]);
  expect(ran).toBe(histories);
});

it.each(["armed before switch", "every chassis has switched", "drained before over"])(
  "breaks a rule within a few histories without the guard: %s",
  async (name) => {
    const removed = guards.filter((guard) => guard.name === name);
    const [search] = await searchGuards(removed, { first: 1, most: 100 });
    expect(search?.caught).not.toBe(null);
  },
);
