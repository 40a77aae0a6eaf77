/**
 * Keeps the inventory true: the first look, another one whenever a driver says that something started or ended, and a slow one
 * for what no driver tells of. Takes up from weft_realized what an earlier agent of this node had loaded.
 */
import type { Ended } from "@weft/drivers";
import { everyTick, holdingService } from "@weft/runtime";
import type { Service } from "@weft/runtime";
import type { Inventory } from "./inventory.ts";
import type { AgentPorts } from "./ports.ts";

/** What no driver told of is found by looking this often. */
const lookEveryMs = 10_000;
/** Until every driver has answered once. */
const halfSightEveryMs = 1_000;

export function watchInventory(inventory: Inventory, { drivers, views, log }: AgentPorts): Service {
  const look = () => {
    inventory.refresh().catch((err: unknown) => log.warn({ err }, "a driver does not answer"));
  };
  return holdingService("watching", async (open) => {
    inventory.adopt([...views.realized.entries()].map(([, { value }]) => value));
    // Without one of its drivers a node is there all the same, with what it knows: one that is not heard is called lost.
    await inventory.refresh().catch((err: unknown) => log.error({ err }, "a driver does not answer yet"));
    const happened = (ended?: Ended) => {
      if (ended !== undefined) inventory.ended(ended);
      look();
    };
    for (const driver of drivers.values()) open.use(driver.watch(happened));
    open.use(everyTick(lookEveryMs, look));
    open.use(everyTick(halfSightEveryMs, () => inventory.knowsAll() || look()));
  });
}
