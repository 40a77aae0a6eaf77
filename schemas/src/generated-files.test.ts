import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { generatedFiles } from "../scripts/generated-files.ts";
import {
  applySubject,
  awakeSubject,
  buckets,
  deleteSubject,
  trackedAskSubject,
  trackedSubject,
} from "./index.ts";

const folder = path.resolve(import.meta.dirname, "../generated");
const files = generatedFiles();

describe("the generated descriptions", () => {
  it("are current: run `npm run generate` when this fails", () => {
    const there = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith(".json"),
    );
    expect(there.toSorted()).toEqual([...files.keys()].toSorted());
    for (const [name, text] of files) expect(readFileSync(path.join(folder, name), "utf8")).toBe(text);
  });

  const api: unknown = JSON.parse(files.get("asyncapi.json") ?? "");
  const references = [...JSON.stringify(api).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(
    ([, target]) => target ?? "",
  );

  it("point only at what is there", () => {
    expect(references.length).toBeGreaterThan(50);
    for (const target of references) expect([target, resolve(api, target)]).not.toEqual([target, undefined]);
  });

  it("name every bucket and the subjects of requests", () => {
    const addresses = Object.values(resolve(api, "channels") as Record<string, { address: string }>).map(
      ({ address }) => address,
    );
    for (const { bucket } of Object.values(buckets)) expect(addresses).toContain(`$KV.${bucket}.{key}`);
    const told = [
      "weft.flows.{tenant}.{group}.{placementUid}.{handoff}.{chunk}",
      trackedSubject({ tenant: "{tenant}", group: "{group}" }, "{shard}"),
      trackedAskSubject({ tenant: "{tenant}", group: "{group}" }, "{shard}"),
      awakeSubject,
    ];
    expect(addresses).toEqual(expect.arrayContaining([applySubject, deleteSubject, ...told]));
  });
});

function resolve(root: unknown, target: string): unknown {
  return target
    .split("/")
    .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], root);
}
