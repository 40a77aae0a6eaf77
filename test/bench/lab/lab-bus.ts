/**
 * A lab for a bench, asked over its bus as any client would: documents applied and deleted, records followed.
 * Starts the lab and stops it again. What is timed is the bench's.
 */
import { connectBus } from "@weft/bus";
import type { Bus, View } from "@weft/bus";
import { startLab, stopLab } from "@weft/lab";
import type { LabEndpoints } from "@weft/lab";
import { createLog } from "@weft/runtime";
import { IntentReply, WeftError, applySubject, deleteSubject } from "@weft/schemas";
import type { Records } from "@weft/schemas";

const requestTimeoutMs = 30_000;
const waitMs = 120_000;

export interface Named {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly tenant: string };
}

export class LabBus implements AsyncDisposable {
  readonly endpoints: LabEndpoints;
  readonly placements: View<Records["placements"]>;
  readonly realized: View<Records["realized"]>;
  readonly stitched: View<Records["stitched"]>;
  readonly slots: View<Records["slots"]>;
  readonly shims: View<Records["shims"]>;
  readonly bus: Bus;

  private constructor(
    endpoints: LabEndpoints,
    bus: Bus,
    views: Pick<LabBus, "placements" | "realized" | "stitched" | "slots" | "shims">,
  ) {
    this.endpoints = endpoints;
    this.bus = bus;
    this.placements = views.placements;
    this.realized = views.realized;
    this.stitched = views.stitched;
    this.slots = views.slots;
    this.shims = views.shims;
  }

  static async start(nodes: number, settings: Readonly<Record<string, string>> = {}): Promise<LabBus> {
    const { endpoints } = await startLab({ nodes, settings });
    if (endpoints === undefined) throw new Error("the lab has no endpoints");
    const bus = await connectBus({ url: endpoints.nats, name: "bench", log: createLog("bench", "silent") });
    return new LabBus(endpoints, bus, {
      placements: await bus.view("placements"),
      realized: await bus.view("realized"),
      stitched: await bus.view("stitched"),
      slots: await bus.view("slots"),
      shims: await bus.view("shims"),
    });
  }

  /** Resolves with the reply. Throws the refusal. */
  async apply(documents: readonly unknown[]): Promise<void> {
    await this.#ask(applySubject, { documents });
  }

  /** All at once, in one request. */
  async delete(documents: readonly Named[]): Promise<void> {
    const resources = documents.map(({ kind, metadata }) => ({ kind, ...metadata }));
    await this.#ask(deleteSubject, { resources });
  }

  /** Resolves as soon as a change of any record makes it true. */
  until(what: string, holds: () => boolean): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const late = setTimeout(() => reject(new Error(`${what}: not within ${waitMs} ms`)), waitMs);
    const look = () => {
      if (holds()) resolve();
    };
    const views = [this.placements, this.realized, this.stitched, this.slots, this.shims];
    const unsubscribe = views.map(({ changed }) => changed.subscribe(look));
    look();
    return promise.finally(() => {
      clearTimeout(late);
      for (const end of unsubscribe) end();
    });
  }

  /** Path of a namespace workload's network namespace. */
  namespaceOf(workload: string): string {
    const found = valuesOf(this.realized).find(({ name, kind }) => kind === "workload" && name === workload);
    if (found?.holder === undefined) throw new Error(`workload ${workload} has no namespace`);
    return `/run/netns/${found.holder}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.bus.close();
    await stopLab();
  }

  async #ask(subject: string, request: unknown): Promise<void> {
    const reply = IntentReply.parse(
      await this.bus.request(subject, request, { timeoutMs: requestTimeoutMs }),
    );
    if (!reply.accepted) throw new WeftError("internal", JSON.stringify(reply));
  }
}

export function valuesOf<T>(view: View<T>): T[] {
  return [...view.entries().values()].map(({ value }) => value);
}
