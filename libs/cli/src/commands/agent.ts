/** `weft agent`: this host joins as a node, starts and stops as one, and leaves. */
import { Label } from "@weft/schemas";
import type { Command } from "commander";
import { z } from "zod";
import { addCommon, readOptions } from "../options.ts";
import { valueText } from "../output/show.ts";
import { note, print } from "../print.ts";
import type { Leave } from "../program.ts";
import { UsageError } from "../usage-error.ts";

const foreground = { foreground: z.boolean().default(false) };

export function addAgent(program: Command, leave: Leave): void {
  const agent = program.command("agent").description("make this host a node, and end that");
  addJoin(agent, leave);
  addCommon(agent.command("start"))
    .description("start again what joined before, e.g. after a reboot")
    .option("--foreground", "stay until the agent ends, for a service manager")
    .action(async (_options: unknown, command: Command) => {
      const options = readOptions(command, foreground);
      const { startHost } = await import("@weft/host");
      const { node, exitCode } = await startHost({ ...options, onStep: note });
      await told(options, node, "ready");
      leave(exitCode);
    });
  addCommon(agent.command("stop"))
    .description("stop the agent; what runs on this node goes on")
    .action(async (_options: unknown, command: Command) => {
      readOptions(command, {});
      const { stopHost } = await import("@weft/host");
      note((await stopHost()) ? "The agent has stopped." : "No agent ran in the background.");
    });
  addCommon(agent.command("leave"))
    .description("remove this node, move what it carries, and put the host back")
    .option("--force", "at once: do not wait until what stands here has moved")
    .action(async (_options: unknown, command: Command) => {
      const options = readOptions(command, { force: z.boolean().default(false) });
      const { leaveHost } = await import("@weft/host");
      await told(options, await leaveHost({ force: options.force, onStep: note }), "left");
    });
}

function addJoin(agent: Command, leave: Leave): void {
  addCommon(agent.command("join"), "the gateway, as hosts reach it (default: WEFT_SERVER)")
    .description("join with a token of `weft node token`; returns when the node is ready")
    .option("--token <token>", "the join token (default: WEFT_JOIN_TOKEN)")
    .option("--name <name>", "the node's name (default: the host's)")
    .option("--address <address>", "where tunnels end (default: the one towards the server)")
    .option("--uplink <link>", "the link that Open vSwitch takes over, where it forwards in user space")
    .option("--foreground", "stay until the agent ends, for a service manager")
    .action(async (_options: unknown, command: Command) => {
      const options = readOptions(command, {
        ...foreground,
        token: z.string().optional(),
        name: Label.optional(),
        address: z.union([z.ipv4(), z.ipv6()]).optional(),
        uplink: z.string().optional(),
      });
      const server = options.server ?? process.env["WEFT_SERVER"];
      if (server === undefined || !URL.canParse(server))
        throw new UsageError("--server: the URL of the gateway is wanted, as hosts reach it");
      const { joinHost } = await import("@weft/host");
      const token = options.token ?? process.env["WEFT_JOIN_TOKEN"] ?? "";
      const { node, exitCode } = await joinHost({ ...options, server, token, onStep: note });
      await told(options, node, "ready");
      leave(exitCode);
    });
}

function told(
  { output }: { readonly output: "table" | "json" | "yaml" },
  node: string,
  state: string,
): Promise<void> {
  return print(output === "table" ? `node/${node} ${state}\n` : valueText(output, { node, state }));
}
