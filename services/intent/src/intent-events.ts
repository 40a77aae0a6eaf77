/** Events of the intent service, derived from the changes of its bucket: accepted and deleted. */
import type { IntentRecord, WeftEvent } from "@weft/schemas";
import { kinds } from "@weft/schemas";

export interface IntentChange {
  readonly key: string;
  readonly revision: number;
  readonly at: string;
  readonly value: IntentRecord | null;
  readonly before: IntentRecord | null;
  /** The request behind a deletion; a record names its own. */
  readonly cause: string | undefined;
}

export function intentEvents({ key, revision, at, value, before, cause }: IntentChange): WeftEvent[] {
  const record = value ?? before;
  if (record === null) return [];
  const { kind, metadata } = record.document;
  const { uid, generation } = record;
  const causationid = value === null ? cause : value.cause;
  return [
    {
      specversion: "1.0",
      id: `weft_intents/${key}@${revision}`,
      source: "/weft/intent",
      type: value === null ? "dev.weft.intent.deleted" : "dev.weft.intent.accepted",
      subject: `${metadata.tenant ?? ""}/${kinds[kind].token}/${metadata.name}`,
      time: at,
      datacontenttype: "application/json",
      ...(causationid === undefined ? {} : { causationid }),
      data: { uid, generation, revision },
    },
  ];
}
