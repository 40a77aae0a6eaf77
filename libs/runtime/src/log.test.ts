import { describe, expect, it } from "vitest";
import { createLogTo, recentLines } from "./log.ts";

describe("a log", () => {
  it("writes one JSON object a line, with its service and without secrets", () => {
    const lines: string[] = [];
    const log = createLogTo("agent", "info", (line) => lines.push(line));
    log.debug("not this");
    const request = { authorization: "Bearer abc", joined: { credential: "abc" } };
    log.info({ shard: "fw-0", token: "abc", request }, "ready");
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^\{.*\}\n$/);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      level: "info",
      service: "agent",
      shard: "fw-0",
      token: "[secret]",
      request: { authorization: "[secret]", joined: { credential: "[secret]" } },
      msg: "ready",
    });
  });

  it("remembers its last 1,000 lines and those of its children", () => {
    const log = createLogTo("agent", "info", () => undefined);
    const child = log.child({ part: "shim" });
    for (let n = 0; n < 2_500; n += 1) (n % 2 === 0 ? log : child).info({ n }, "line");
    const lines = recentLines(child);
    expect(lines).toHaveLength(1_000);
    expect(lines.at(-1)).toContain('"n":2499');
    expect(recentLines(log, 2).map((line) => line.includes('"n":249'))).toEqual([true, true]);
    expect(recentLines(log, 0)).toEqual([]);
  });
});
