/**
 * JSON-RPC 1.0 as RFC 7047 section 4 uses it: requests, responses and notifications.
 * Reads unknown JSON, tells the three apart.
 * Answering and matching them is left to session.ts.
 */
import { isArray, isObject } from "../notation/json.ts";
import { ProtocolError } from "./rpc-error.ts";

export type RpcMessage =
  | {
      readonly kind: "request";
      readonly id: unknown;
      readonly method: string;
      readonly params: readonly unknown[];
    }
  | { readonly kind: "notification"; readonly method: string; readonly params: readonly unknown[] }
  | { readonly kind: "response"; readonly id: unknown; readonly result: unknown; readonly error: unknown };

export function readMessage(json: unknown): RpcMessage {
  if (!isObject(json)) {
    throw new ProtocolError("a message that is no object");
  }
  const { id = null, method, params = [], result = null, error = null } = json;
  if (method === undefined) {
    if (id === null && error === null) {
      throw new ProtocolError("a response without id");
    }
    return { kind: "response", id, result, error };
  }
  if (typeof method !== "string" || !isArray(params)) {
    throw new ProtocolError("a request without method or params");
  }
  return id === null ? { kind: "notification", method, params } : { kind: "request", id, method, params };
}
