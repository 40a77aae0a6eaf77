/** OpenAPI 3.1 of the REST API, made from the same zod schemas that check what comes in. Pure; served at /openapi.json. */
import { errorCatalogue, kindNames, kinds } from "@weft/schemas";
import { z } from "zod";
import { nodePaths, nodeRemoval } from "./node-paths.ts";
import type { Operation } from "./parts.ts";
import {
  answers,
  answersOf,
  bodyOf,
  bodyOrYaml,
  dryRun,
  following,
  header,
  inPath,
  orCreated,
  query,
  refused,
  repeatable,
  schemas,
  watching,
} from "./parts.ts";

export interface OpenApi {
  readonly openapi: "3.1.0";
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly security: readonly unknown[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, unknown>>;
    readonly securitySchemes: unknown;
  };
}

export function openApi(): OpenApi {
  return {
    openapi: "3.1.0",
    info: {
      title: "Weft",
      version: "1",
      description: `Networks, function groups and chains. Refusals carry one of: ${Object.keys(errorCatalogue).join(", ")}.`,
    },
    security: [{ token: [] }],
    paths: { ...documentPaths(), ...withRemoval(rowPaths()), ...nodePaths(), ...otherPaths() },
    components: {
      securitySchemes: {
        token: { type: "http", scheme: "bearer" },
        nodeCredential: { type: "http", scheme: "bearer", description: "what a node got when it joined" },
      },
      schemas: Object.fromEntries(
        Object.entries(schemas).map(([name, schema]) => [
          name,
          z.toJSONSchema(schema, { io: "input", unrepresentable: "any", target: "draft-2020-12" }),
        ]),
      ),
    },
  };
}

function withRemoval(rows: OpenApi["paths"]): OpenApi["paths"] {
  const one = "/v1/nodes/{name}";
  return { ...rows, [one]: { ...rows[one], delete: nodeRemoval } };
}

const patch = { schema: { type: "object" } };
const patches = {
  "application/merge-patch+json": patch,
  "application/json": patch,
  "application/yaml": patch,
};

function documentPaths(): OpenApi["paths"] {
  const paths: Record<string, Record<string, Operation>> = {};
  for (const kind of kindNames) {
    const all = `/v1/tenants/{tenant}/${kinds[kind].plural}`;
    const body = { requestBody: bodyOrYaml("Document") };
    const match = header("If-Match", 'only at this revision, e.g. "42", or * for any; else 412');
    const absent = header("If-None-Match", "* creates: 412 where it is there already");
    paths[all] = {
      get: {
        summary: `List, or watch, each ${kind}`,
        ...answers("Resource", { list: true }, all, [watching]),
      },
    };
    const every = `/v1/${kinds[kind].plural}`;
    paths[every] = {
      get: {
        summary: `List, or watch, each ${kind} of all tenants`,
        ...answers("Resource", { list: true }, every, [watching]),
      },
    };
    const one = `${all}/{name}`;
    paths[one] = {
      get: { summary: `Read, or watch, a ${kind}`, ...answers("Resource", {}, one, [watching]) },
      put: {
        summary: `Create or replace a ${kind}`,
        ...body,
        ...orCreated(answers("Resource", {}, one, [match, absent, dryRun, repeatable])),
      },
      patch: {
        summary: `Change a ${kind} by a JSON merge patch (RFC 7386)`,
        requestBody: { required: true, content: patches },
        ...answers("Resource", {}, one, [match, dryRun, repeatable]),
      },
      delete: { summary: `Delete a ${kind}`, ...answers("Accepted", {}, one, [match, dryRun, repeatable]) },
    };
    paths[`${one}/remains`] = {
      get: {
        summary: `What is left of a ${kind}; none once it is deleted`,
        ...answersOf(
          { type: "object", properties: { remains: { type: "array", items: { type: "string" } } } },
          one,
          [watching],
        ),
      },
    };
  }
  return paths;
}

function rowPaths(): OpenApi["paths"] {
  const rows: [
    path: string,
    schema: keyof typeof schemas,
    summary: string,
    list: boolean,
    watched: boolean,
  ][] = [
    ["/v1/tenants/{tenant}/shards", "Shard", "List, or watch, the shards", true, true],
    ["/v1/shards", "Shard", "List, or watch, the shards of all tenants", true, true],
    ["/v1/tenants/{tenant}/shards/{name}", "Shard", "Read, or watch, a shard", false, true],
    ["/v1/tenants/{tenant}/slots/{name}", "Slots", "Who owns each slot of a function group", false, true],
    ["/v1/tenants/{tenant}/handoffs", "Handoff", "List, or watch, the handoffs", true, true],
    ["/v1/nodes", "Node", "List, or watch, the nodes", true, true],
    ["/v1/nodes/{name}", "Node", "Read, or watch, a node", false, true],
    ["/v1/functions", "Function", "The catalogue of functions", true, false],
    ["/v1/services", "Service", "Weft's services", true, false],
  ];
  return Object.fromEntries(
    rows.map(([path, schema, summary, list, watched]) => [
      path,
      { get: { summary, ...answers(schema, { list }, path, watched ? [watching] : []) } },
    ]),
  );
}

function otherPaths(): OpenApi["paths"] {
  const text = { "200": { description: "plain text", content: { "text/plain": {} } }, default: refused };
  const open = { security: [] };
  const thing = "/v1/tenants/{tenant}/{kind}/{name}";
  const follow = query("follow", "boolean", "go on as they come");
  const tail = query("tail", "integer", "only the last so many lines");
  return {
    "/v1/apply": {
      post: {
        summary: "Apply several documents, all or none; JSON, or a stream of documents as application/yaml",
        requestBody: bodyOrYaml("ApplyRequest", {
          schema: { type: "string", description: "documents, with --- between them" },
        }),
        ...answers("Accepted", {}, "/v1/apply", [dryRun, repeatable]),
      },
    },
    "/v1/delete": {
      post: {
        summary: "Delete several documents, all or none",
        requestBody: bodyOf("DeleteSeveralRequest"),
        ...answers("Accepted", {}, "/v1/delete", [dryRun, repeatable]),
      },
    },
    "/v1/events": {
      get: {
        summary: "CloudEvents, newest last",
        ...answers("Event", { list: true }, "/v1/events", [
          following,
          query("tenant", "string", "of this tenant"),
          query("name", "string", "about what is called so"),
          query("kind", "string", "about what is of this kind, e.g. functiongroup"),
          query("limit", "integer", "only the last so many of the past"),
        ]),
      },
    },
    "/v1/tenants/{tenant}/trace": {
      get: {
        summary: "By which shards a flow goes, both ways, as the records say",
        ...answers("Trace", {}, "/v1/tenants/{tenant}/trace", [
          query("from", "string", "workload/NAME or an address"),
          query("to", "string", "likewise"),
          query("proto", "string", "tcp (default), udp, icmp or sctp"),
          query("sport", "integer", "port of `from`"),
          query("dport", "integer", "port of `to`"),
        ]),
      },
    },
    [`${thing}/logs`]: {
      get: {
        summary: "Logs of a workload or a shard (kind: workloads, shards)",
        parameters: [...inPath(thing), follow, tail],
        responses: text,
      },
    },
    [`${thing}/exec`]: {
      get: {
        summary: "A command in a workload or a shard, over WebSocket (kind: workloads, shards)",
        parameters: inPath(thing),
        responses: {
          "101": { description: "the session, see SessionOpen and SessionControl" },
          default: refused,
        },
      },
    },
    "/v1/services/{name}/logs": {
      get: {
        summary: "Latest log lines of a service",
        parameters: [...inPath("/{name}"), tail],
        responses: text,
      },
    },
    "/": { get: { summary: "Where to find what", ...answersOf({ type: "object" }, "", []), ...open } },
    "/v1": { get: { summary: "Every path of the API", ...answersOf({ type: "object" }, "", []) } },
    "/healthz": { get: { summary: "Is it alive?", ...answersOf({ type: "object" }, "", []), ...open } },
    "/readyz": { get: { summary: "Can it answer?", ...answersOf({ type: "object" }, "", []), ...open } },
    "/metrics": { get: { summary: "Metrics for Prometheus", responses: text, ...open } },
  };
}
