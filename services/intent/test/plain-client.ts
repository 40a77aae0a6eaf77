/**
 * A client of the bus that uses nothing of Weft: what anybody with a NATS library would write.
 * Requests go out as they are given, also when they are no JSON.
 */
import { Kvm } from "@nats-io/kv";
import { jetstream } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { z } from "zod";

const Reply = z.looseObject({
  accepted: z.boolean(),
  code: z.string().optional(),
  status: z.number().optional(),
  revision: z.number().optional(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  documents: z
    .array(z.looseObject({ name: z.string(), change: z.string(), generation: z.number() }))
    .optional(),
});
export type Reply = z.infer<typeof Reply>;

const answerWithinMs = 5_000;

export async function plainClient(url: string) {
  const connection = await connect({ servers: url });
  const ask = async (subject: string, text: string) =>
    Reply.parse((await connection.request(subject, text, { timeout: answerWithinMs })).json());
  return {
    connection,
    ask,
    apply: (documents: unknown[], more: object = {}) =>
      ask("weft.intent.apply", JSON.stringify({ documents, ...more })),
    remove: (request: object) => ask("weft.intent.delete", JSON.stringify(request)),
    /** Parsed values of a bucket by key. */
    bucket: async (name: string): Promise<Map<string, unknown>> => {
      const kv = await new Kvm(connection).open(name);
      const values = new Map<string, unknown>();
      for await (const key of await kv.keys()) {
        const entry = await kv.get(key);
        if (entry?.operation === "PUT") values.set(key, entry.json());
      }
      return values;
    },
    entry: async (name: string, key: string): Promise<{ value: unknown; revision: number }> => {
      const entry = await (await new Kvm(connection).open(name)).get(key);
      if (entry === null) throw new Error(`there is no ${key}`);
      return { value: entry.json(), revision: entry.revision };
    },
    /** Types and subjects of all events so far, oldest first. */
    events: async (): Promise<string[]> => {
      const consumer = await jetstream(connection).consumers.get("WEFT_EVENTS");
      const Event = z.looseObject({ type: z.string(), subject: z.string() });
      const events: string[] = [];
      for await (const message of await consumer.fetch({ max_messages: 1000, expires: 1000 })) {
        const { type, subject } = Event.parse(message.json());
        events.push(`${type} ${subject}`);
        if (message.info.pending === 0) break;
      }
      return events;
    },
    [Symbol.asyncDispose]: () => connection.close(),
  };
}
export type PlainClient = Awaited<ReturnType<typeof plainClient>>;

/** `path: message` of every fault, or of none. */
export function faultsIn({ errors = [] }: Reply): string[] {
  return errors.map(({ path, message }) => `${path}: ${message}`);
}
