/** /v1/events on real servers: what has been, newest last, of one kind where that is asked, and then what comes. */
import type { WeftEvent } from "@weft/schemas";
import { eventSubject } from "@weft/schemas";
import { eventually } from "@weft/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Edge } from "./edge.ts";
import { startEdge } from "./edge.ts";
import { network } from "./records.ts";
import { WeftCommand } from "./weft-command.ts";

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge();
});
afterAll(() => edge[Symbol.asyncDispose]());

/** As a service would tell it. */
async function tell(subject: string, time: string, tenant = "told"): Promise<void> {
  const [kind = "", name = ""] = subject.split("/");
  const event: WeftEvent = {
    specversion: "1.0",
    id: `test/${tenant}/${subject}@${time}`,
    source: "/weft/test",
    type: "dev.weft.chain.ready",
    subject: `${tenant}/${kind}/${name}`,
    time,
    datacontenttype: "application/json",
    data: {},
  };
  await edge.bus.request(eventSubject("chain", "ready", tenant, name), event);
}

describe("events", () => {
  it("are an empty list for a name that nothing was told of", async () => {
    expect(await edge.client.events({ name: "never-heard-of" })).toEqual([]);
  });

  it("come newest last, those that have been and then each new one", async () => {
    await edge.client.apply([network("told")]);
    const stop = new AbortController();
    const types: string[] = [];
    const causes = new Set<string | undefined>();
    for await (const event of edge.client.followEvents({ tenant: "demo", name: "told" }, stop.signal)) {
      types.push(event.type);
      causes.add(event.causationid);
      if (types.length === 1) await edge.client.remove("Network", "demo", "told");
      else break;
    }
    expect(types).toEqual(["dev.weft.intent.accepted", "dev.weft.intent.deleted"]);
    expect(causes.size).toBe(2);
    expect(causes).not.toContain(undefined);
    const past = await edge.client.events({ tenant: "demo", name: "told", limit: 1 });
    expect(past.map(({ type }) => type)).toEqual(["dev.weft.intent.deleted"]);
  });

  it("that have been stand by their time, also where a slower service told the older one later", async () => {
    const times = [1, 3, 2, 2].map((second) => `2026-01-01T00:00:0${second}.000Z`);
    for (const [nth, time] of times.entries()) await tell(`chain/ordered-${nth}`, time, "ordered");
    const past = await edge.client.events({ tenant: "ordered" });
    expect(past.map(({ subject }) => subject.slice(-1))).toEqual(["0", "2", "3", "1"]);
    expect(await edge.client.events({ tenant: "ordered", limit: 2 })).toHaveLength(2);
  });

  it("of one kind are not those of another thing of that name, nor pushed out by them", async () => {
    await tell("network/same", "2026-01-01T00:00:01.000Z");
    for (const second of [2, 3, 4]) await tell("functiongroup/same", `2026-01-01T00:00:0${second}.000Z`);
    const past = await edge.client.events({ tenant: "told", name: "same", kind: "network", limit: 2 });
    expect(past.map(({ subject }) => subject)).toEqual(["told/network/same"]);
  });
});

describe("weft events", () => {
  it("and describe are about the tenant of the environment, and the thing that is meant", async () => {
    using command = new WeftCommand(edge.url);
    const environment = { WEFT_TENANT: "by-env" };
    const mine = { ...network("twin"), metadata: { name: "twin", tenant: "by-env" } };
    await edge.client.apply([mine]);
    await tell("chain/twin", "2026-01-01T00:00:01.000Z", "by-env");
    await tell("chain/other", "2026-01-01T00:00:01.000Z", "elsewhere");
    await eventually(
      "both are told",
      async () => (await edge.client.events({ tenant: "by-env" })).length === 2,
    );
    const events = await command.run(["events"], { environment });
    expect(events.stdout).toContain("by-env/chain/twin");
    expect(events.stdout).not.toContain("elsewhere");
    expect((await command.run(["events"])).stdout).toContain("elsewhere/chain/other");
    const described = await command.run(["describe", "net/twin"], { environment });
    expect(described.stdout).toContain("by-env/network/twin");
    expect(described.stdout).not.toContain("by-env/chain/twin");
  });
});
