/**
 * A bus on a real nats-server, and records to put on it.
 * Starts the server; the records' content means nothing.
 * What happens on it is left to the tests.
 */
import { createLogTo } from "@weft/runtime";
import type { StitchedRecord, WeftEvent } from "@weft/schemas";
import type { NatsServer } from "@weft/testkit";
import { startNats } from "@weft/testkit";
import type { Bus } from "../../src/index.ts";
import { connectBus } from "../../src/index.ts";
import type { Change } from "../../src/index.ts";

export interface World extends AsyncDisposable {
  readonly nats: NatsServer;
  readonly bus: Bus;
  /** Another client of the same server. */
  another(): Promise<Bus>;
  /** What was logged at warn and above. */
  readonly complaints: string[];
}

/** `untold`: what the server tells nobody. */
export async function world(o: { readonly untold?: readonly string[] } = {}): Promise<World> {
  const stack = new AsyncDisposableStack();
  const complaints: string[] = [];
  const log = createLogTo("test", "warn", (line) => complaints.push(line));
  const nats = stack.use(await startNats(o));
  const another = async () => {
    const bus = await connectBus({ url: nats.url, name: "test", log });
    stack.defer(() => bus.close());
    return bus;
  };
  return {
    nats,
    bus: await another(),
    another,
    complaints,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

export function chain(name: string, message = ""): StitchedRecord {
  return {
    kind: "chain",
    tenant: "demo",
    name,
    uid: `uid-${name}`,
    generation: 1,
    state: "waiting",
    message,
    at: "2026-01-01T00:00:00.000Z",
  };
}

export function keyOf(name: string): string {
  return `demo.chain.${name}`;
}

/** One event for each change, which says what the message was before and is now. */
export function told({ key, revision, at, value, before }: Change<StitchedRecord>): WeftEvent[] {
  return [
    {
      specversion: "1.0",
      id: `weft_stitched/${key}@${revision}`,
      source: "/weft/test",
      type: "dev.weft.chain.ready",
      subject: `demo/chain/${(value ?? before)?.name ?? "gone"}`,
      time: at,
      datacontenttype: "application/json",
      data: { from: before?.message ?? null, to: value?.message ?? null },
    },
  ];
}
