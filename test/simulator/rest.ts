/** What holds once everything has come to rest: as many shards as asked for share the slots, and every flow passes. */
import { speak } from "./traffic.ts";
import type { World } from "./world.ts";

export function checkRest(world: World, { drained }: { readonly drained: boolean }): void {
  const { record } = world;
  if (record === undefined) return world.broken("nobody owns any slot");
  const shards = world.shards();
  const staying = shards.filter(({ leaving }) => !leaving).map(({ name }) => name);
  if (staying.length !== world.replicas) world.broken(`${staying.length} shards, not ${world.replicas}`);
  const counts = staying.map((name) => record.owners.filter((owner) => owner === name).length);
  const sum = counts.reduce((all, count) => all + count, 0);
  if (sum !== record.owners.length) world.broken(`${sum} slots have an owner that stays`);
  if (Math.max(...counts) - Math.min(...counts) > 1) world.broken(`shares of ${counts.join(", ")} slots`);
  const standing = record.handoffs.filter(({ phase }) => drained || phase !== "drain");
  if (standing.length > 0)
    world.broken(
      `left: ${standing.map(({ id, from, to, phase }) => `${id} ${from} ${to} ${phase}`).join("; ")}`,
    );
  if (drained && shards.length > staying.length) world.broken("a shard does not leave");
  for (const flow of world.flows) {
    if (flow.closed) continue;
    speak(world, flow, flow.opener === "client" ? "toServer" : "toClient");
    if (flow.owner === undefined) world.broken(`flow ${flow.key} cannot open`);
  }
}
