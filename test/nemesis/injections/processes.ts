/** A process of the lab is killed, or stands still for a while. */
import type { LabProgram } from "../../lab/lab-programs.ts";
import { labPrograms } from "../../lab/lab-programs.ts";
import { processesOf } from "../../lab/processes.ts";
import type { Field, Injection } from "./injection.ts";

const longestPauseMs = 12_000;

export function killOf(field: Field): Injection {
  const { program, pid } = victimOf(field);
  return {
    kind: "kill",
    target: `${program.name} (${pid})`,
    forMs: 0,
    begin: () => Promise.resolve(signal(pid, "SIGKILL")),
    heal: () => Promise.resolve(undefined),
  };
}

export function pauseOf(field: Field): Injection {
  const { program, pid } = victimOf(field);
  return {
    kind: "pause",
    target: `${program.name} (${pid})`,
    forMs: field.chance.between(500, longestPauseMs),
    begin: () => Promise.resolve(signal(pid, "SIGSTOP")),
    heal: () => {
      signal(pid, "SIGCONT");
      return Promise.resolve(undefined);
    },
  };
}

function victimOf({ chance, nodes, ownDocker }: Field): { program: LabProgram; pid: number } {
  const candidates = labPrograms(nodes)
    .filter(({ name }) => ownDocker || name !== "Docker's daemon")
    .map((program) => ({ program, pids: processesOf(program.text, program.namespace) }))
    .filter(({ pids }) => pids.length > 0);
  const { program, pids } = chance.oneOf(candidates);
  return { program, pid: chance.oneOf(pids) };
}

/** One that died meanwhile needs no signal any more. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && cause.code === "ESRCH")) throw cause;
  }
}
