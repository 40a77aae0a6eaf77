/** Events of the intent service, derived from the changes of its bucket: accepted and deleted. */
import type { IntentRecord, WeftEvent } from "@weft/schemas";

export interface IntentChange {
  readonly key: string;
  readonly revision: number;
  readonly at: string;
  readonly value: IntentRecord | null;
  readonly before: IntentRecord | null;
}

export function intentEvents({ key, revision, at, value, before }: IntentChange): WeftEvent[] {
  const record = value ?? before;
  if (record === null) return [];
  const { kind, metadata } = record.document;
  const { uid, generation } = record;
  return [
    {
      specversion: "1.0",
      id: `weft_intents/${key}@${revision}`,
      source: "/weft/intent",
      type: value === null ? "dev.weft.intent.deleted" : "dev.weft.intent.accepted",
      subject: `${metadata.tenant ?? ""}/${kind}/${metadata.name}`,
      time: at,
      datacontenttype: "application/json",
      causationid: record.cause,
      data: { uid, generation, revision },
    },
  ];
}
