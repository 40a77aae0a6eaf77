import type { IntentRecord } from "@weft/schemas";
import { WeftEvent } from "@weft/schemas";
import { describe, expect, it } from "vitest";
import { intentEvents } from "./intent-events.ts";

const record: IntentRecord = {
  document: {
    apiVersion: "weft.dev/v1",
    kind: "Network",
    metadata: { name: "inside", tenant: "demo" },
    spec: { subnets: ["10.1.0.0/16"], mtu: 1400 },
  },
  uid: "u1",
  generation: 3,
  createdAt: "2030-01-01T00:00:00.000Z",
  updatedAt: "2030-01-01T00:00:00.000Z",
  cause: "request-1",
};
const change = { key: "demo.network.inside", revision: 7, at: "2030-01-01T00:00:01.000Z" };

describe("a change of an intent is told as an event", () => {
  it.each([
    ["dev.weft.intent.accepted", record, null, undefined, "request-1"],
    ["dev.weft.intent.deleted", null, record, "request-2", "request-2"],
  ])("%s", (type, value, before, cause, causationid) => {
    const [event, ...more] = intentEvents({ ...change, value, before, cause });
    expect(more).toEqual([]);
    expect(WeftEvent.parse(event)).toEqual({
      specversion: "1.0",
      id: "weft_intents/demo.network.inside@7",
      source: "/weft/intent",
      type,
      subject: "demo/network/inside",
      time: change.at,
      datacontenttype: "application/json",
      causationid,
      data: { uid: "u1", generation: 3, revision: 7 },
    });
  });

  it("but a deletion that does not say what asked for it blames nobody", () => {
    const [event] = intentEvents({ ...change, value: null, before: record, cause: undefined });
    expect(event?.type).toBe("dev.weft.intent.deleted");
    expect(event).not.toHaveProperty("causationid");
  });

  it("but not the deletion of what was not there", () => {
    expect(intentEvents({ ...change, value: null, before: null, cause: "request-2" })).toEqual([]);
  });
});
