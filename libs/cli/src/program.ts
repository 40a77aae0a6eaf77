/** The verbs of `weft`, each from a file of its own under commands/. */
import { Command } from "commander";
import { addAgent } from "./commands/agent.ts";
import { addApply } from "./commands/apply.ts";
import { addCordon } from "./commands/cordon.ts";
import { addDelete } from "./commands/delete.ts";
import { addDescribe } from "./commands/describe.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addDown } from "./commands/down.ts";
import { addEvents } from "./commands/events.ts";
import { addExec } from "./commands/exec.ts";
import { addGet } from "./commands/get.ts";
import { addHelp } from "./commands/help.ts";
import { addLogs } from "./commands/logs.ts";
import { addNode } from "./commands/node.ts";
import { addScale } from "./commands/scale.ts";
import { addTrace } from "./commands/trace.ts";
import { addUp } from "./commands/up.ts";
import { addWait } from "./commands/wait.ts";

/** `leave` sets the exit code of a verb that is done but did not find all well. */
export type Leave = (exitCode: number) => void;

export function createProgram(leave: Leave): Command {
  const program = new Command("weft")
    .description("Network functions as elastic fleets of identical shards")
    .version("0.1.0")
    .showHelpAfterError("(`weft help VERB` says how it is used)")
    .configureHelp({ sortSubcommands: false })
    .exitOverride();
  for (const add of [addUp, addDown, addDoctor, addApply, addGet, addDescribe, addWait, addScale, addDelete])
    add(program, leave);
  addCordon(program);
  addNode(program);
  addAgent(program, leave);
  addTrace(program);
  for (const add of [addExec, addLogs, addEvents, addHelp]) add(program, leave);
  return program;
}
