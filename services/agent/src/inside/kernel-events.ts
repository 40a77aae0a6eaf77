/**
 * What the kernel tells of links, addresses, routes and rules in all namespaces that a link of the node's leads into: one
 * `ip monitor` for the node, whatever there is on it. An event says where to look, never what to do.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { hostEnvironment } from "@weft/drivers";
import type { Clock, Log } from "@weft/runtime";

const againAfterMs = 1_000;
/**
 * Ids are the node's names for other namespaces, as `ip link` shows them with the near end of a pair. In the node's own only
 * links count, each by its name.
 */
export type Where = number | { readonly link: string } | "anywhere";

export interface KernelEvent {
  readonly where: Where;
  /** Something is gone; else a link is another than before, as it also is while it is being made. */
  readonly lost: boolean;
}

/** undefined for what only came to be, and for other lines. */
export function eventOf(line: string): KernelEvent | undefined {
  const [, id, what, deleted, link] =
    /^\[nsid (current|\d+)\]\[([A-Z]+)\](Deleted )?(?:\d+: ([^\s:@]+))?/.exec(line) ?? [];
  const lost = deleted !== undefined;
  if (id === undefined || (what !== "LINK" && !lost)) return undefined;
  if (id !== "current") return { where: Number(id), lost };
  return what === "LINK" && link !== undefined ? { where: { link }, lost } : undefined;
}

export function watchKernel(
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  happened: (event: KernelEvent) => void,
): Disposable {
  let over = false;
  let child: ChildProcess | undefined;
  let again: Disposable | undefined;
  const start = () => {
    const args = ["-o", "monitor", "all-nsid", "label", "link", "address", "route", "rule"];
    const started = spawn("ip", args, { stdio: ["ignore", "pipe", "ignore"], env: hostEnvironment() });
    child = started;
    createInterface({ input: started.stdout }).on("line", (line) => {
      const event = eventOf(line);
      if (event !== undefined) happened(event);
    });
    started.once("error", (err) => log.warn({ err }, "the kernel's events cannot be followed"));
    started.once("close", () => {
      if (over) return;
      again = clock.after(againAfterMs, () => {
        start();
        happened({ where: "anywhere", lost: false }); // whatever happened meanwhile was told to nobody
      });
    });
  };
  start();
  return {
    [Symbol.dispose]() {
      over = true;
      again?.[Symbol.dispose]();
      child?.kill("SIGKILL");
    },
  };
}
