/** The part of the description about nodes: tokens, joining, what a node reads of itself, removal. Pure. */
import type { Operation } from "./parts.ts";
import { answers, bodyOf, query } from "./parts.ts";

type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>;

export function nodePaths(): Paths {
  const credential = { security: [{ nodeCredential: [] }] };
  return {
    "/v1/nodes/tokens": {
      post: {
        summary: "A token by which one host joins, once",
        requestBody: bodyOf("TokenRequest"),
        ...answers("JoinToken", {}, "", []),
      },
    },
    "/v1/join": {
      post: {
        summary: "A host joins; its token stands in the body",
        requestBody: bodyOf("JoinRequest"),
        ...answers("Joined", {}, "", []),
        security: [],
      },
    },
    "/v1/member": {
      get: { summary: "What a node reads of itself", ...answers("Member", {}, "", []), ...credential },
      delete: { summary: "The node leaves", ...answers("NodeRemoved", {}, "", []), ...credential },
    },
  };
}

/** Stands beside the reading of one node. */
export const nodeRemoval: Operation = {
  summary: "Remove a node; what it carries is placed elsewhere",
  ...answers("NodeRemoved", {}, "/v1/nodes/{name}", [
    query("force", "boolean", "also while it is alive and carries something"),
  ]),
};
