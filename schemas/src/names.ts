/**
 * Names: what a resource, tenant or node may be called.
 * A name becomes one token of a bus subject and one of a key, so it is an RFC 1123 label; nothing else is let in.
 */
import { z } from "zod";

const labelPattern = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;

/** An RFC 1123 label: 1 to 63 of a-z, 0-9 and '-', beginning and ending with a letter or digit. */
export const Label = z
  .string()
  .regex(
    labelPattern,
    "must be an RFC 1123 label: at most 63 of a-z, 0-9 and '-', not beginning or ending with '-'",
  );

export const defaultTenant = "default";

/** Shards are named `<group>-<n>`; 4 characters are kept for the number, so a group's name has at most 59. */
export const GroupName = Label.max(59, "must leave room for the shard's number: at most 59 characters");

export function isLabel(text: string): boolean {
  return labelPattern.test(text);
}

export function shardName(group: string, index: number): string {
  return `${group}-${index}`;
}
