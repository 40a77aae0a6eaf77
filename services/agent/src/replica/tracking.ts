/**
 * The kernel's connection tracking in one namespace, by `conntrack`: its events as they come, and a listing of all of it. Runs programs; what
 * their lines say is read elsewhere (conntrack-text.ts).
 */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { hostEnvironment, runOnHost } from "@weft/drivers";
import { WeftError } from "@weft/schemas";

/** 20,000 events that nobody has read yet. */
const bufferBytes = String(8_388_608);

export interface TrackingEvents {
  readonly line: (line: string) => void;
  /** From now on all that happens is told. */
  readonly listens: () => void;
  /** Events were lost. */
  readonly missed: () => void;
  readonly failed: (cause: unknown) => void;
  /** By itself: nothing is told any more. */
  readonly ended: () => void;
}

export interface Tracking {
  /** Until disposed of; a line that was on its way then may still come. */
  follow(events: TrackingEvents): Disposable;
  /** Throws where not all of it could be listed. */
  list(): Promise<string>;
}

export function trackingIn(namespacePath: string): Tracking {
  const within = ["nsenter", `--net=${namespacePath}`, "--", "conntrack"];
  return {
    follow: (events) => follow([...within, "--event", "--buffer-size", bufferBytes], events),
    list: async () => {
      const { code, stdout, stderr } = await runOnHost({ argv: [...within, "--dump"] });
      if (code !== 0) throw new WeftError("unavailable", `conntrack in ${namespacePath}: ${stderr.trim()}.`);
      return stdout;
    },
  };
}

/**
 * It keeps the namespace alive beyond its holder, until the agent hears of the holder's end and stops it; without the agent the
 * kernel ends it at once.
 */
function follow(
  argv: readonly string[],
  { line, listens, missed, failed, ended }: TrackingEvents,
): Disposable {
  const args = ["--pdeathsig", "KILL", ...argv];
  const child = spawn("setpriv", args, { stdio: ["ignore", "pipe", "pipe"], env: hostEnvironment() });
  const lines = createInterface({ input: child.stdout }).on("line", line);
  // It says so once it listens, and whenever it has missed something.
  const remarks = createInterface({ input: child.stderr }).on("line", (remark) => {
    if (remark.includes("buffer size has been set")) listens();
    else if (remark.includes("ENOBUFS")) missed();
  });
  child.once("error", failed);
  child.once("close", ended);
  return {
    [Symbol.dispose]: () => {
      child.removeAllListeners("close").kill("SIGKILL");
      lines.close();
      remarks.close();
    },
  };
}
