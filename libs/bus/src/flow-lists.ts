/**
 * Lists of flows that go from a handoff's giver to its receiver, in the stream WEFT_FLOWS: each in chunks, since a message holds
 * 1 MB. A list is whole once all its chunks are there; nobody reads half of one.
 * What a list means is left to the agents.
 */
import type { JetStreamManager } from "@nats-io/jetstream";
import { jetstreamManager } from "@nats-io/jetstream";
import type { Flow } from "@weft/schemas";
import { FlowChunk, WeftError, flowsStream, flowsSubject } from "@weft/schemas";
import { z } from "zod";
import type { Connection } from "./connection.ts";
import { requestError } from "./request-error.ts";

/** Whose list, of which handoff. */
export type ListName = Parameters<typeof flowsSubject>[0];

export interface FlowLists {
  /** In the place of what there was. Resolves when it is stored. */
  put(of: ListName, flows: readonly Flow[]): Promise<void>;
  /** Undefined while it is not there, or not whole. */
  get(of: ListName): Promise<Flow[] | undefined>;
  remove(of: ListName): Promise<void>;
  /** Handoffs of which the stream has anything of this giver. */
  idsOf(giver: Omit<ListName, "id">): Promise<number[]>;
}

const chunkSize = 5_000;
const answerWithinMs = 5_000;
const Ack = z.object({
  seq: z.number().int().optional(),
  error: z.object({ description: z.string().optional() }).optional(),
});

export function flowLists(connection: Connection): FlowLists {
  const manager = () => jetstreamManager(connection.nats, { checkAPI: false });
  return {
    put: async (of, flows) => {
      if ((await chunkOf(connection, of, 0)) !== undefined) await purge(await manager(), of);
      const chunks = Math.max(1, Math.ceil(flows.length / chunkSize));
      await Promise.all(
        Array.from({ length: chunks }, (_, chunk) => {
          const part = flows.slice(chunk * chunkSize, (chunk + 1) * chunkSize);
          return store(connection, flowsSubject(of, chunk), { handoff: of.id, chunk, chunks, flows: part });
        }),
      );
    },
    get: async (of) => {
      const first = await chunkOf(connection, of, 0);
      if (first === undefined) return undefined;
      const rest = Array.from({ length: first.chunks - 1 }, (_, nth) => chunkOf(connection, of, nth + 1));
      const all = [first, ...(await Promise.all(rest))];
      if (!all.every((chunk) => chunk?.chunks === first.chunks)) return undefined;
      return all.flatMap((chunk) => chunk?.flows ?? []);
    },
    remove: async (of) => purge(await manager(), of),
    idsOf: async (giver) => {
      const all = flowsSubject({ ...giver, id: 0 }, "*").replace(/\.0\.\*$/, ".*.*");
      const { state } = await (await manager()).streams.info(flowsStream, { subjects_filter: all });
      const ids = Object.keys(state.subjects ?? {}).map((subject) => Number(subject.split(".").at(-2)));
      return [...new Set(ids)];
    },
  };
}

async function purge(manager: JetStreamManager, of: ListName): Promise<void> {
  await manager.streams.purge(flowsStream, { filter: flowsSubject(of, "*") });
}

async function store(connection: Connection, subject: string, chunk: FlowChunk): Promise<void> {
  const reply = await asked(connection, subject, JSON.stringify(chunk));
  const { seq, error } = Ack.parse(reply.json());
  if (seq === undefined)
    throw new WeftError(
      "unavailable",
      `A list of flows was not stored: ${error?.description ?? "no sequence"}.`,
    );
}

/** By a direct get (ADR-31). */
async function chunkOf(connection: Connection, of: ListName, chunk: number): Promise<FlowChunk | undefined> {
  const subject = flowsSubject(of, chunk);
  const query = JSON.stringify({ last_by_subj: subject });
  const reply = await asked(connection, `$JS.API.DIRECT.GET.${flowsStream}`, query);
  return reply.headers?.get("Nats-Subject") === subject ? FlowChunk.parse(reply.json()) : undefined;
}

async function asked(connection: Connection, subject: string, payload: string) {
  try {
    return await connection.request(subject, payload, { timeout: answerWithinMs });
  } catch (error) {
    throw requestError(error, subject);
  }
}
