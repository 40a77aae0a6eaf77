/** What the demonstration and a traffic client say to each other: one JSON object a line, each order answered once. */

export type Order =
  | {
      readonly op: "open";
      readonly host: string;
      readonly port: number;
      readonly count: number;
      readonly timeoutMs: number;
    }
  | { readonly op: "check"; readonly timeoutMs: number }
  | {
      readonly op: "attempt";
      readonly host: string;
      readonly ports: readonly number[];
      readonly timeoutMs: number;
    }
  | { readonly op: "close" };

/** `done` and `failed` count connections: opened, still answering, closed. */
export interface Report {
  readonly done: number;
  readonly failed: number;
  /** Of an attempt: the ports that could be reached. */
  readonly reached?: readonly number[];
}
