/**
 * Carries out requests about nodes: a token, a joining, a removal. Decides on the records as they are now (libs/decide, access),
 * commits by compare-and-set, and decides again when another copy was faster. Secrets leave in the reply alone.
 */
import { admitJoin, admitRemoval, pathText } from "@weft/decide";
import type { AccessSeen, AccessWrite } from "@weft/decide";
import type { JoinToken, JoinTokenRecord, Membership, NodeRemoved } from "@weft/schemas";
import {
  JoinRequest,
  RemoveNodeRequest,
  TokenRequest,
  WeftError,
  joinTokenKey,
  parseTicket,
  ticketText,
} from "@weft/schemas";
import type { z } from "zod";
import type { AccessStore } from "./access-store.ts";

export interface AccessPorts {
  readonly store: Pick<AccessStore, "read" | "commit">;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly newUid: () => string;
  /** Short, of a-z and 0-9. */
  readonly newId: () => string;
  /** At least 128 bits by chance, in base64url. */
  readonly newSecret: () => string;
  /** SHA-256 in hexadecimal. */
  readonly hash: (text: string) => string;
}

export interface AccessRequests {
  token(data: unknown): Promise<{ accepted: true } & JoinToken>;
  join(data: unknown): Promise<{ accepted: true } & Membership>;
  remove(data: unknown): Promise<{ accepted: true } & NodeRemoved>;
}

/** Every refused commit means that another one went through. */
const maxAttempts = 20;

export function accessRequests(ports: AccessPorts): AccessRequests {
  return {
    token: async (data) => giveToken(readRequest(TokenRequest, data), ports),
    join: async (data) => join(readRequest(JoinRequest, data), ports),
    remove: async (data) => remove(readRequest(RemoveNodeRequest, data), ports),
  };
}

async function giveToken({ ttlSeconds, node }: z.output<typeof TokenRequest>, ports: AccessPorts) {
  const now = ports.now();
  const ticket = { kind: "join", id: ports.newId(), secret: ports.newSecret() } as const;
  const record: JoinTokenRecord = {
    kind: "joinToken",
    id: ticket.id,
    hash: ports.hash(ticket.secret),
    ...(node === undefined ? {} : { node }),
    createdAt: iso(now),
    expiresAt: iso(now + ttlSeconds * 1000),
  };
  await ports.store.commit([{ key: joinTokenKey(ticket.id), record, ifRevision: 0 }]);
  const bound = node === undefined ? {} : { node };
  return { accepted: true, token: ticketText(ticket), expiresAt: record.expiresAt, ...bound } as const;
}

async function join({ token, name, address }: JoinRequest, ports: AccessPorts) {
  const shown = parseTicket("join", token);
  if (shown === undefined) throw new WeftError("token-refused", "This is no join token.");
  const secret = ports.newSecret();
  const wish = {
    token: { id: shown.id, hash: ports.hash(shown.secret) },
    name,
    address,
    uid: ports.newUid(),
    credentialHash: ports.hash(secret),
  };
  await commitDecided(ports, (seen, now) => ({ writes: admitJoin(wish, seen, now) }));
  const credential = ticketText({ kind: "node", id: name, secret });
  return { accepted: true, node: name, uid: wish.uid, credential } as const;
}

async function remove(wish: z.output<typeof RemoveNodeRequest>, ports: AccessPorts) {
  const { carried } = await commitDecided(ports, (seen, now) => {
    const { write, carried: stands } = admitRemoval(wish, seen, now);
    return { writes: write === undefined ? [] : [write], carried: stands };
  });
  return { accepted: true as const, name: wish.name, carried: [...carried] };
}

async function commitDecided<T extends { readonly writes: readonly AccessWrite[] }>(
  { store, now }: AccessPorts,
  decide: (seen: AccessSeen, now: string) => T,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const decided = decide(await store.read(), iso(now()));
    try {
      if (decided.writes.length > 0) await store.commit(decided.writes);
      return decided;
    } catch (error) {
      if (!(error instanceof WeftError) || error.code !== "conflict" || attempt >= maxAttempts) throw error;
    }
  }
}

function readRequest<S extends z.ZodType>(schema: S, data: unknown): z.output<S> {
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => ({
          path: pathText([...issue.path, key]),
          message: "is no field of a request",
        }))
      : [{ path: pathText(issue.path), message: issue.message }],
  );
  throw new WeftError("invalid-request", "The request does not fit; nothing was changed.", { faults });
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
