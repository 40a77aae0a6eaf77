/**
 * May a host join under this name with this token? Pure: the secret comes as its hash, and so does the new credential.
 * Both writes go as one batch, each under the revision that was seen: of two hosts with one token, one gets in.
 */
import type { JoinTokenRecord, NodeAccessRecord } from "@weft/schemas";
import { WeftError, joinTokenKey, nodeAccessKey } from "@weft/schemas";
import type { Found } from "../schedule/seen.ts";
import { isSilent } from "./removed-nodes.ts";
import type { AccessSeen, AccessWrite } from "./seen.ts";

export interface JoinWish {
  readonly token: { readonly id: string; readonly hash: string };
  readonly name: string;
  readonly address: string;
  /** Of the membership that it gets. */
  readonly uid: string;
  readonly credentialHash: string;
}

/** Throws WeftError: token-refused, name-taken. */
export function admitJoin(wish: JoinWish, seen: AccessSeen, now: string): AccessWrite[] {
  const token = usableToken(wish, seen, now);
  const found = seen.access.get(nodeAccessKey(wish.name));
  const before = found?.value.kind === "node" ? found.value : undefined;
  refuseTakenName(wish, { seen, before, bound: token.value.node !== undefined });
  refuseTakenAddress(wish, seen);
  const used: JoinTokenRecord = { ...token.value, used: { at: now, node: wish.name } };
  const member: NodeAccessRecord = {
    kind: "node",
    node: wish.name,
    membership: { uid: wish.uid, hash: wish.credentialHash, address: wish.address, joinedAt: now },
  };
  return [
    { key: joinTokenKey(wish.token.id), record: used, ifRevision: token.revision },
    { key: nodeAccessKey(wish.name), record: member, ifRevision: found?.revision ?? 0 },
  ];
}

/** Who has not the secret is told nothing of the token, not even that there is one. */
function usableToken({ token, name }: JoinWish, seen: AccessSeen, now: string): Found<JoinTokenRecord> {
  const found = seen.access.get(joinTokenKey(token.id));
  const { value, revision } = found ?? {};
  if (value?.kind !== "joinToken" || revision === undefined || value.hash !== token.hash)
    throw new WeftError("token-refused", "Nobody gave out this token, or it is long past.");
  if (value.used !== undefined)
    throw new WeftError("token-refused", `${value.used.node} joined with this token at ${value.used.at}.`);
  if (value.expiresAt <= now)
    throw new WeftError("token-refused", `This token expired at ${value.expiresAt}.`);
  if (value.node !== undefined && value.node !== name)
    throw new WeftError("token-refused", `This token is for a node called ${value.node}.`);
  return { value, revision };
}

/** A name is free when no node has it; a token that names it gives it also to who comes in the place of a lost one. */
function refuseTakenName(
  { name }: JoinWish,
  at: {
    readonly seen: AccessSeen;
    readonly before: NodeAccessRecord | undefined;
    readonly bound: boolean;
  },
): void {
  const { seen, before, bound } = at;
  const there = seen.nodes.has(name);
  const member = before?.membership !== undefined && before.removedAt === undefined;
  if (!there && !member) return;
  if (before?.removedAt !== undefined)
    throw new WeftError("name-taken", `The node ${name} was removed, and something of it is still there.`);
  if (bound && isSilent(name, seen)) return;
  throw new WeftError(
    "name-taken",
    isSilent(name, seen)
      ? `The node ${name} joined already and does not answer: its name is given again by a token for it alone.`
      : `The node ${name} is alive.`,
  );
}

/** Two ends of one tunnel address would take each other's traffic. */
function refuseTakenAddress({ name, address }: JoinWish, seen: AccessSeen): void {
  for (const { value } of seen.nodes.values())
    if (value.address === address && value.name !== name)
      throw new WeftError("name-taken", `The node ${value.name} has the tunnel address ${address}.`);
}
