/**
 * What dockerd says that it did: every container that was created or removed since `start`, in its own event stream.
 * Labels tell which placement a container is of; a placement has one holder and one function at a time.
 */
import { createInterface } from "node:readline";
import { dockerSocket } from "../../setup/dockerd.mjs";
import Docker from "dockerode";
import { z } from "zod";

const Event = z.object({
  Action: z.string(),
  Actor: z.object({ ID: z.string(), Attributes: z.record(z.string(), z.string()) }),
});

export class DockerLog implements AsyncDisposable {
  readonly #living = new Map<string, string>();
  readonly #twice: string[] = [];
  readonly #end: () => void;

  private constructor(end: () => void) {
    this.#end = end;
  }

  static async start(): Promise<DockerLog> {
    const docker = new Docker({ socketPath: dockerSocket });
    const stream = await docker.getEvents({ filters: { type: ["container"] } });
    const log = new DockerLog(() => void ("destroy" in stream && (stream as { destroy(): void }).destroy()));
    createInterface({ input: stream }).on("line", (line) => log.#take(Event.parse(JSON.parse(line))));
    return log;
  }

  /** Names of what was created while another container of the same placement and role was there. */
  madeTwice(): readonly string[] {
    return this.#twice;
  }

  /** Ids of the containers that are there, sorted. */
  running(): string[] {
    return [...this.#living.keys()].toSorted();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end();
  }

  #take({ Action: action, Actor: { ID: id, Attributes: attributes } }: z.infer<typeof Event>): void {
    if (action === "destroy") this.#living.delete(id);
    if (action !== "create") return;
    const labels = Object.entries(attributes).filter(([name]) => name.startsWith("weft.dev/"));
    if (labels.length === 0) return;
    const about = labels
      .map((label) => label.join("="))
      .toSorted()
      .join(" ");
    if ([...this.#living.values()].includes(about)) this.#twice.push(about);
    this.#living.set(id, about);
  }
}
