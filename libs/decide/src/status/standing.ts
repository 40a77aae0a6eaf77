/**
 * Standing: whether a thing is ready, why, and since when; it becomes the Ready condition.
 * Pure words; who decides it are the files named after each kind.
 */
import type { Condition } from "@weft/schemas";

export interface Standing {
  readonly ready: boolean;
  /** One CamelCase word. */
  readonly reason: string;
  readonly message: string;
  /** RFC 3339. */
  readonly since: string;
}

export function waiting(reason: string, message: string, since: string): Standing {
  return { ready: false, reason, message, since };
}

export function readySince(message: string, times: readonly string[]): Standing {
  return { ready: true, reason: "Ready", message, since: latest(times) };
}

export function latest(times: readonly string[]): string {
  return times.toSorted().at(-1) ?? "1970-01-01T00:00:00.000Z";
}

export function readyCondition({ ready, reason, message, since }: Standing): Condition {
  return { type: "Ready", status: ready ? "True" : "False", reason, message, since };
}

/** The reason that a code such as `config-refused` stands for: ConfigRefused. */
/** " with 3", where it is known with what a process ended. */
export function exitText({ exitCode }: { readonly exitCode?: number | undefined }): string {
  return exitCode === undefined ? "" : ` with ${exitCode}`;
}

export function reasonOf(code: string): string {
  return code
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
}
