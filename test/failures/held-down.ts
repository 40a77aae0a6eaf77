/**
 * Programs of a lab that are killed and stay dead until somebody disposes of this: the lab's supervisor, which would bring them back at
 * once, stands still meanwhile. Ends only processes of the lab that is up.
 */
import { labStatus } from "@weft/lab";
import type { LabProgram } from "../lab/lab-programs.ts";
import { processesOf } from "../lab/processes.ts";

interface Killed {
  readonly program: LabProgram;
  readonly pids: readonly number[];
}

export class HeldDown implements Disposable {
  readonly #supervisor: number;
  readonly #killed: readonly Killed[];
  #held = true;

  private constructor(supervisor: number, killed: readonly Killed[]) {
    this.#supervisor = supervisor;
    this.#killed = killed;
  }

  /** Of each program every process, by SIGKILL. */
  static kill(programs: readonly LabProgram[]): HeldDown {
    const supervisor = labStatus()?.supervisor.pid;
    if (supervisor === undefined) throw new Error("no lab is up");
    const killed = programs.map((program) => {
      const pids = processesOf(program.text, program.namespace);
      if (pids.length === 0) throw new Error(`${program.name} does not run`);
      return { program, pids };
    });
    process.kill(supervisor, "SIGSTOP");
    for (const { pids } of killed) for (const pid of pids) process.kill(pid, "SIGKILL");
    return new HeldDown(supervisor, killed);
  }

  /** Names of those of which anything runs. */
  alive(): string[] {
    return this.#killed
      .filter(({ program }) => processesOf(program.text, program.namespace).length > 0)
      .map(({ program }) => program.name);
  }

  /** As many processes of each as before, and none of those. */
  runAgain(): boolean {
    return this.#killed.every(({ program, pids }) => {
      const now = processesOf(program.text, program.namespace);
      return now.length === pids.length && now.every((pid) => !pids.includes(pid));
    });
  }

  /** Lets the supervisor go on: it sees who died. */
  [Symbol.dispose](): void {
    if (this.#held) process.kill(this.#supervisor, "SIGCONT");
    this.#held = false;
  }
}
