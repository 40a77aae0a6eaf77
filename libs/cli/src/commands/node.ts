/** `weft node`: a token by which a host joins, and the removal of a node. */
import { Label, maxTokenSeconds } from "@weft/schemas";
import type { Command } from "commander";
import { z } from "zod";
import { DurationMs, addCommon, clientOf, readOptions } from "../options.ts";
import { valueText } from "../output/show.ts";
import { note, print } from "../print.ts";
import { UsageError } from "../usage-error.ts";

export function addNode(program: Command): void {
  const node = program.command("node").description("let hosts join, and remove nodes");
  addCommon(node.command("token"))
    .description("a token by which one host joins: it works once, for a time")
    .option("--ttl <duration>", "how long it can be used, at most 168h", "1h")
    .option("--node <name>", "only for a host that joins under this name")
    .action(async (_options: unknown, command: Command) => {
      const {
        ttl,
        node: name,
        ...common
      } = readOptions(command, {
        ttl: DurationMs,
        node: Label.optional(),
      });
      const ttlSeconds = ttl / 1000;
      if (!Number.isInteger(ttlSeconds) || ttlSeconds < 1 || ttlSeconds > maxTokenSeconds)
        throw new UsageError("--ttl: must be whole seconds, at least 1s and at most 168h");
      const bound = name === undefined ? {} : { node: name };
      const given = await clientOf(common).nodeToken({ ttlSeconds, ...bound });
      if (common.output !== "table") return print(valueText(common.output, given));
      note(
        `It works once, until ${given.expiresAt}. On the host: weft agent join --server URL --token TOKEN`,
      );
      await print(`${given.token}\n`);
    });
  addCommon(node.command("remove"))
    .description("remove a node: what it carries is placed elsewhere")
    .argument("<name>", "the node")
    .option("--force", "also while it is alive and carries something")
    .action(async (name: string, _options: unknown, command: Command) => {
      const { force, ...common } = readOptions(command, { force: z.boolean().default(false) });
      const removed = await clientOf(common).removeNode(name, { force });
      if (common.output !== "table") return print(valueText(common.output, removed));
      const { length } = removed.carried;
      await print(`node/${name} removed${length === 0 ? "" : `; ${length} instances move`}\n`);
    });
}
