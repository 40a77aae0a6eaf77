import { describe, expect, it } from "vitest";
import type { Service } from "./service.ts";
import { composeServices, holdingService } from "./service.ts";

function part(name: string, did: string[], broken = ""): Service {
  const act = async (what: string) => {
    did.push(`${what} ${name}`);
    if (what === broken) throw new Error(`${what} ${name}`);
  };
  return { name, start: () => act("start"), stop: () => act("stop") };
}

describe("services as one", () => {
  it("start in order and stop in reverse", async () => {
    const did: string[] = [];
    const all = composeServices("all", [part("a", did), part("b", did)]);
    await all.start();
    await all.stop();
    expect(did).toEqual(["start a", "start b", "stop b", "stop a"]);
  });

  it("stop what was started when a start fails, and all though one stop fails", async () => {
    const did: string[] = [];
    const all = composeServices("all", [
      part("a", did),
      part("b", did, "stop"),
      part("c", did, "start"),
      part("d", did),
    ]);
    await expect(all.start()).rejects.toThrow("start c");
    await expect(all.stop()).rejects.toThrow("stop b");
    expect(did).toEqual(["start a", "start b", "start c", "stop c", "stop b", "stop a"]);
  });
});

describe("a service that is what it opened", () => {
  const opened = (name: string, did: string[]) => ({
    [Symbol.dispose]: () => void did.push(`close ${name}`),
  });

  it("closes in reverse, though opening failed midway", async () => {
    const did: string[] = [];
    const service = holdingService("holding", async (open) => {
      open.use(opened("a", did));
      open.use(opened("b", did));
      throw new Error("no c");
    });
    await expect(service.start()).rejects.toThrow("no c");
    expect(did).toEqual([]);
    await service.stop();
    expect(did).toEqual(["close b", "close a"]);
  });

  it("closes nothing when it was never started, and nothing twice", async () => {
    const did: string[] = [];
    const idle = holdingService("holding", (open) => void open.use(opened("a", did)));
    await idle.stop();
    const used = holdingService("holding", (open) => void open.use(opened("b", did)));
    await used.start();
    await used.stop();
    await used.stop();
    expect(did).toEqual(["close b"]);
  });
});
