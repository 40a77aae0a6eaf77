import type { WeftEvent } from "@weft/schemas";
import { describe, expect, it } from "vitest";
import { subjectOf } from "./publish-event.ts";

function event(type: WeftEvent["type"], subject: string): WeftEvent {
  return {
    specversion: "1.0",
    id: "weft_health/demo.shard.fw-0@7",
    source: "/weft/health",
    type,
    subject,
    time: "2026-01-01T00:00:00.000Z",
    datacontenttype: "application/json",
    data: {},
  };
}

describe("the subject of an event", () => {
  it("is made of its stage, what happened, the tenant and the name", () => {
    expect(subjectOf(event("dev.weft.shard.ready", "demo/shard/fw-0"))).toBe(
      "weft.events.shard.ready.demo.fw-0",
    );
  });

  it("has a place for things that no tenant owns", () => {
    expect(subjectOf(event("dev.weft.node.lost", "/node/node-1"))).toBe("weft.events.node.lost._.node-1");
  });
});
