/** `weft logs`: what a workload or a shard printed, or the latest log lines of one of Weft's services. */
import type { WeftClient } from "@weft/client";
import type { Command } from "commander";
import { z } from "zod";
import { wholeNumber, addCommon, clientOf, readOptions, tenantOf } from "../options.ts";
import { print } from "../print.ts";
import { readTarget, readThing } from "../target.ts";

const pollMs = 1000;

export function addLogs(program: Command): void {
  addCommon(program.command("logs"))
    .description("what a workload, a shard or a service printed")
    .argument("<target>", "workload/NAME, shard/NAME or service/NAME")
    .option("-f, --follow", "go on as lines come")
    .option("--tail <number>", "only the last so many lines")
    .action(async (target: string, _options: unknown, command: Command) => {
      const options = readOptions(command, {
        follow: z.boolean().default(false),
        tail: wholeNumber(0).optional(),
      });
      const { follow, tail } = options;
      const client = clientOf(options);
      const { kind, name } = readTarget(target);
      if ("rows" in kind && kind.rows === "services")
        return follow ? followService(client, name, tail) : print(await client.serviceLogs(name, tail));
      const thing = { ...readThing(target), tenant: tenantOf(options) };
      for await (const bytes of client.logs(thing, { follow, tail })) await print(bytes);
    });
}

/** Services answer for their latest lines only, so following them is asking again. */
async function followService(client: WeftClient, name: string, tail: number | undefined): Promise<void> {
  let seen: string | undefined;
  for (;;) {
    const lines = (await client.serviceLogs(name, seen === undefined ? tail : undefined))
      .split("\n")
      .filter((line) => line !== "");
    const fresh = seen === undefined ? lines : lines.slice(lines.lastIndexOf(seen) + 1);
    for (const line of fresh) await print(`${line}\n`);
    seen = lines.at(-1) ?? seen;
    await new Promise((again) => setTimeout(again, pollMs));
  }
}
