import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openApi } from "./openapi.ts";

const Content = z.record(z.string(), z.unknown());
const Described = z.object({
  parameters: z.array(z.object({ name: z.string() })).default([]),
  requestBody: z.object({ content: Content }).default({ content: {} }),
  responses: z.record(z.string(), z.object({ content: Content.default({}) })),
});
const { paths, components } = openApi();
const network = "/v1/tenants/{tenant}/networks/{name}";

function operation(path: string, method: string) {
  const { parameters, requestBody, responses } = Described.parse(paths[path]?.[method]);
  return {
    parameters: parameters.map(({ name }) => name),
    takes: Object.keys(requestBody.content),
    gives: (status: string) => Object.keys(responses[status]?.content ?? {}),
    statuses: Object.keys(responses),
  };
}

describe("the description of the API", () => {
  it("points only at shapes that are there, and has those that it speaks of", () => {
    const text = JSON.stringify(paths);
    const named = [...text.matchAll(/#\/components\/schemas\/(\w+)/g)].map(([, name]) => name);
    expect(named.length).toBeGreaterThan(20);
    const spoken = [...text.matchAll(/Session(?:Open|Control)/g)].map(([name]) => name);
    expect(spoken.length).toBeGreaterThan(0);
    for (const name of [...named, ...spoken]) expect(Object.keys(components.schemas)).toContain(name);
  });

  it("says that a PUT may create, and on what condition", () => {
    const put = operation(network, "put");
    expect(put.statuses).toEqual(["200", "201", "default"]);
    expect(put.parameters).toEqual(expect.arrayContaining(["If-Match", "If-None-Match"]));
    expect(operation(network, "delete").parameters).not.toContain("If-None-Match");
  });

  it("says where YAML is taken", () => {
    for (const [path, method] of [
      [network, "put"],
      [network, "patch"],
      ["/v1/apply", "post"],
    ] as const)
      expect(operation(path, method).takes).toContain("application/yaml");
    expect(operation("/v1/delete", "post").takes).toEqual(["application/json"]);
  });

  it("says what comes as server-sent events", () => {
    for (const path of [network, "/v1/nodes", "/v1/events", `${network}/remains`])
      expect(operation(path, "get").gives("200")).toEqual(["application/json", "text/event-stream"]);
    expect(operation("/v1/functions", "get").gives("200")).toEqual(["application/json"]);
  });
});
