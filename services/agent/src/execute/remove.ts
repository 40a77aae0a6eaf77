/** Takes away all that this node has of placements, and forgets what was known of them. */
import { failEach } from "./executor.ts";
import type { ExecutorContext, Fail } from "./executor.ts";
import { unwire } from "./wiring.ts";

/** Links and ports first: nothing may reach what is being taken down. */
export async function removeAll(
  uids: readonly string[],
  context: ExecutorContext,
  fail: Fail,
): Promise<void> {
  await unwire(uids, context);
  for (const driver of context.ports.drivers.values()) failEach(await driver.remove(uids), fail);
  for (const uid of uids) {
    context.inventory.forget(uid);
    context.inside.gone(uid);
    context.firstShims.forget(uid);
  }
}
