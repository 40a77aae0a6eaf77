/** Containers are found on Docker's disk one by one: in a folder made here, without Docker. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { labLabel, storedContainers } from "./containers.ts";
import { labLayout } from "./layout.ts";

const lab = labLayout("/run/weft/one");
let stored: string;

beforeEach(() => {
  stored = mkdtempSync(path.join(tmpdir(), "weft-containers-"));
});
afterEach(() => rmSync(stored, { recursive: true }));

function store(id: string, labId: string): void {
  mkdirSync(path.join(stored, id));
  const config = { Config: { Labels: { [labLabel]: labId } } };
  writeFileSync(path.join(stored, id, "config.v2.json"), JSON.stringify(config));
}

describe("a lab's containers", () => {
  it("are those with its own label", () => {
    store("mine", lab.id);
    store("foreign", labLayout("/run/weft/two").id);
    expect(storedContainers(lab, stored)).toEqual(["mine"]);
  });

  it("are found beside one whose description is gone and one whose cannot be read", () => {
    mkdirSync(path.join(stored, "a-half-removed"));
    mkdirSync(path.join(stored, "b-unreadable", "config.v2.json"), { recursive: true });
    store("mine", lab.id);
    expect(storedContainers(lab, stored)).toEqual(["mine"]);
  });

  it("are none where Docker keeps nothing", () => {
    expect(storedContainers(lab, path.join(stored, "absent"))).toEqual([]);
  });
});
