import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { WeftError } from "@weft/schemas";
import { afterAll, describe, expect, it } from "vitest";
import { errorText } from "../output/print-error.ts";
import { locateFaults } from "./locate-faults.ts";
import { readFiles } from "./read-files.ts";
import { withTenant } from "./with-tenant.ts";

const folder = mkdtempSync(path.join(tmpdir(), "weft-cli-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(text: string, name = "in.yaml"): string {
  const full = path.join(folder, name);
  writeFileSync(full, text);
  return full;
}

/** What the user reads, with the folder left out. */
async function told(run: () => unknown): Promise<string> {
  try {
    await run();
    return "";
  } catch (error) {
    return errorText(error).replaceAll(`${folder}/`, "");
  }
}

const two = `kind: Network
metadata: { name: inside }
spec:
  subnets:
    - 10.1.0.0/16
    - fd00::/64
---
# the second
kind: Chain
metadata:
  name: edge
spec: { from: inside, through: [fw], "odd key": 1 }
`;

describe("files of documents", () => {
  it("hold many, in YAML or JSON, as a list or as they go over the bus", async () => {
    const one = { kind: "Network" };
    const counts: number[] = [];
    for (const value of [one, [one, one], { documents: [one] }])
      counts.push((await readFiles([file(JSON.stringify(value))])).length);
    expect(counts).toEqual([1, 2, 1]);
    const read = await readFiles([file(two, "a.yaml"), file("kind: X\n", "b.yaml")]);
    expect(read.map(({ value }) => value)).toMatchObject([
      { kind: "Network" },
      { kind: "Chain" },
      { kind: "X" },
    ]);
    expect(await told(() => readFiles([file("---\n---\n")]))).toContain("There is no document in in.yaml");
  });

  it("that are broken are told with every place", async () => {
    const broken = await told(() => readFiles([file("kind: Network\nmetadata: { name: a\nspec: [\n")]));
    expect(broken).toMatch(/^in\.yaml:3:1: .+\n(.+\n)*weft: What was given is not valid YAML or JSON\./);
    expect(await told(() => readFiles([file("a: 1\na: 2\n")]))).toContain(
      "in.yaml:2:1: Map keys must be unique",
    );
  });

  it("that cannot be read are all told, beside what is broken", async () => {
    const missing = path.join(folder, "none.yaml");
    expect((await told(() => readFiles([missing, folder, file("a: [\n")]))).split("\n")).toEqual([
      "none.yaml: cannot be read: there is no such file",
      `${folder}: cannot be read: it is a folder`,
      expect.stringMatching(/^in\.yaml:2:1: /),
      expect.stringMatching(/^weft: Not every file can be read\./),
      "",
    ]);
  });

  it("that multiply by aliases are refused", async () => {
    const levels = ["a", "b", "c", "d", "e", "f"];
    const bomb = levels.map((key, index) => {
      const inner = index === 0 ? "x" : `*${levels[index - 1]}`;
      return `${key}: &${key} [${Array.from({ length: 9 }, () => inner).join(",")}]`;
    });
    expect(await told(() => readFiles([file(bomb.join("\n"))]))).toMatch(/^in\.yaml:1:1: .*alias/i);
  });

  it("beyond 1 MiB or 1,000 documents are refused with their size", async () => {
    const large = file(`x: ${"y".repeat(1024 * 1024)}`);
    expect(await told(() => readFiles([large]))).toContain("have 1048579 bytes, at most 1 MiB");
    const many = (count: number) => file(Array.from({ length: count }, () => "a: 1\n").join("---\n"));
    expect(await told(() => readFiles([many(1001)]))).toContain("These are 1001 documents, at most 1000");
    expect(await readFiles([many(1000)])).toHaveLength(1000);
  });
});

describe("faults of a refusal", () => {
  const cases: [path: string, place: string][] = [
    ["documents[0].spec.subnets[1]", "6:7"],
    ["documents[0].spec", "4:3"],
    ["documents[0].spec.mtu", "4:3"],
    ["documents[0].metadata.name", "2:19"],
    ["documents[0]", "1:1"],
    ["documents[1].kind", "9:7"],
    ["documents[1].metadata.name", "11:9"],
    ["documents[1].spec.to", "12:7"],
    ["documents[1].spec.through[0]", "12:33"],
    ['documents[1].spec["odd key"]', "12:49"],
  ];
  it.each(cases)("at %s are at %s of the file", async (fault, place) => {
    const documents = await readFiles([file(two)]);
    const error = new WeftError("invalid-document", "Not so.", {
      faults: [{ path: fault, message: "is bad" }],
    });
    const inner = fault.replace(/^documents\[\d\]\.?/, "");
    const says = errorText(locateFaults(error, documents)).replaceAll(`${folder}/`, "");
    expect(says.split("\n")[0]).toBe(`in.yaml:${place}: ${inner === "" ? "" : `${inner}: `}is bad`);
    expect(says).toContain("\nweft: Not so. Mend every fault that is listed, then apply again.\n");
  });

  it("stand in the order of the files, each from top to bottom", async () => {
    const documents = await readFiles([file(two, "b.yaml"), file("kind: X\n", "a.yaml")]);
    const paths = ["documents[2].kind", "documents[1].kind", "documents[0].spec", "documents[0].metadata"];
    const faults = paths.map((place) => ({ path: place, message: "is bad" }));
    const says = errorText(locateFaults(new WeftError("conflict", "No.", { faults }), documents));
    expect(says.replaceAll(`${folder}/`, "").split("\n").slice(0, 4)).toEqual([
      "b.yaml:2:11: metadata: is bad",
      "b.yaml:4:3: spec: is bad",
      "b.yaml:9:7: kind: is bad",
      "a.yaml:1:7: kind: is bad",
    ]);
  });

  it("about no document keep their path", () => {
    const error = new WeftError("conflict", "No.", { faults: [{ path: "ifRevision", message: "is 1" }] });
    expect(errorText(locateFaults(error, []))).toContain("ifRevision: is 1\n");
  });
});

describe("--tenant", () => {
  it("stands where a document names none", async () => {
    const documents = await readFiles([file("kind: Network\nmetadata:\n  name: a\n")]);
    const [first] = withTenant(documents, { tenant: "demo" }).documents;
    expect(first?.value).toEqual({ kind: "Network", metadata: { name: "a", tenant: "demo" } });
    expect(withTenant(documents, { tenant: undefined })).toEqual({ documents, faults: [] });
    const { documents: usual } = withTenant(documents, { tenant: undefined, usual: "env" });
    expect(withTenant(usual, { tenant: undefined, usual: "x" }).documents[0]?.value).toMatchObject({
      metadata: { tenant: "env" },
    });
  });

  it("where a document names another is a fault beside those of the refusal", async () => {
    const other = await readFiles([file("kind: Network\nmetadata:\n  name: a\n  tenant: b\nspec: {}\n")]);
    const { documents, faults } = withTenant(other, { tenant: "demo" });
    expect(documents[0]?.value).toMatchObject({ metadata: { name: "a", tenant: null } });
    const refused = new WeftError("invalid-document", "No.", {
      faults: [
        { path: "documents[0].spec.subnets", message: "is required" },
        { path: "documents[0].metadata.tenant", message: "must be a text" },
      ],
    });
    const says = errorText(locateFaults(refused, documents, faults)).replaceAll(`${folder}/`, "");
    expect(says.split("\n").slice(0, -2)).toEqual([
      "in.yaml:4:11: metadata.tenant: differs from --tenant demo",
      "in.yaml:5:7: spec.subnets: is required",
    ]);
  });
});
