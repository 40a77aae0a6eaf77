/**
 * Carries out requests: decide on the intents as they are now, write all or nothing, answer what became of each document.
 * Several copies of the service may do this at once. A decision depends on more than the records that it writes (a network
 * must overlap with no other), so a commit holds only while the whole bucket is as it was read; else it is decided again.
 */
import type { AdmitRequest, Deletion, IntentWrite, KnownIntents } from "@weft/decide";
import { admit, codeOf, faultsOf } from "@weft/decide";
import type { Accepted, IntentRecord } from "@weft/schemas";
import { WeftError } from "@weft/schemas";
import { configFindings } from "./config-findings.ts";
import type { SoundConfigs } from "./config-findings.ts";
import type { IntentPorts, StoredIntent } from "./ports.ts";
import { readApplyRequest, readDeleteRequest, refusal } from "./read-request.ts";

export interface IntentRequests {
  apply(data: unknown): Promise<Accepted>;
  remove(data: unknown): Promise<Accepted>;
}

/** Every refused commit means that another one went through, so this many in a row are bad luck or a storm. */
const maxAttempts = 20;

interface Wish {
  readonly documents: readonly unknown[];
  readonly deletions: readonly Deletion[];
  readonly ifRevision?: number | undefined;
  readonly dryRun: boolean;
}

export function intentRequests(ports: IntentPorts): IntentRequests {
  const sound: SoundConfigs = new Set();
  const inTurn = oneAfterTheOther();
  return {
    apply: async (data) => {
      const { documents, dryRun = false, ifRevision } = readApplyRequest(data);
      return inTurn(() => carryOut({ documents, deletions: [], ifRevision, dryRun }, ports, sound));
    },
    remove: async (data) => {
      const { deletions, dryRun } = readDeleteRequest(data);
      return inTurn(() => carryOut({ documents: [], deletions, dryRun }, ports, sound));
    },
  };
}

/** One request at a time in this copy: those that would clash wait here and not at the bucket. */
function oneAfterTheOther(): <T>(task: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const result = last.then(task, task);
    last = result.catch(() => undefined);
    return result;
  };
}

async function carryOut(wish: Wish, ports: IntentPorts, sound: SoundConfigs): Promise<Accepted> {
  const cause = ports.newId();
  for (let attempt = 1; ; attempt += 1) {
    const { intents, revision } = await ports.store.read();
    const { writes, documents } = await decide(
      { ...wish, intents, functions: ports.functions.known },
      ports,
      sound,
    );
    if (writes.length === 0 || wish.dryRun) return { accepted: true, revision, documents: [...documents] };
    const records = writes.map((write) => storedIntent(write, intents, { ports, cause }));
    try {
      return {
        accepted: true,
        revision: await ports.store.commit(records, revision),
        documents: [...documents],
      };
    } catch (error) {
      if (!(error instanceof WeftError) || error.code !== "conflict" || attempt >= maxAttempts) throw error;
    }
  }
}

async function decide(request: AdmitRequest, ports: IntentPorts, sound: SoundConfigs) {
  const admission = admit(request);
  const { functions } = ports;
  const configs = await configFindings(admission.configs, { functions, sound, others: admission.findings });
  const findings = [...admission.findings, ...configs];
  if (findings.length > 0) throw refusal(codeOf(findings), faultsOf(findings));
  return admission;
}

function storedIntent(
  { key, document, generation }: IntentWrite,
  intents: KnownIntents,
  by: { readonly ports: IntentPorts; readonly cause: string },
): StoredIntent {
  const { cause } = by;
  if (document === undefined) return { key, cause, record: undefined };
  const before = intents.get(key)?.value;
  const now = by.ports.now();
  const record: IntentRecord = {
    document,
    uid: before?.uid ?? by.ports.newId(),
    generation,
    createdAt: before?.createdAt ?? now,
    updatedAt: now,
    cause,
  };
  return { key, cause, record };
}
