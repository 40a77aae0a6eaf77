import { createLogTo } from "@weft/runtime";
import { eventually, startConsul } from "@weft/testkit";
import { describe, expect, it } from "vitest";
import { deleteKey, getKey, listKeys, listServices, putKey, registerService } from "../src/index.ts";

const log = createLogTo("test", "silent", () => undefined);

describe("a registered service", () => {
  it("is found with all that was said of it, passes, and is gone when closed", async () => {
    await using consul = await startConsul();
    const { url } = consul;
    const registration = await registerService({
      url,
      name: "weft-shard",
      id: "demo/edge-fw-0",
      address: "10.0.0.7",
      port: 9100,
      meta: { group: "edge-fw" },
      tags: ["firewall"],
      ttlSeconds: 1,
      log,
    });
    const list = () => listServices(url, { name: "weft-shard" });
    const [found] = await eventually("it is listed", async () => (await list()).length === 1 && list());
    expect(found).toMatchObject({
      id: "demo/edge-fw-0",
      address: "10.0.0.7",
      port: 9100,
      meta: { group: "edge-fw" },
      tags: ["firewall"],
      state: "passing",
      leader: false,
    });
    await registration.close();
    await eventually("it is gone", async () => (await list()).length === 0);
  });

  it("is registered again when Consul comes back without its data", async () => {
    await using consul = await startConsul();
    const { url } = consul;
    const registration = await registerService({ url, name: "agent", id: "agent-1", ttlSeconds: 1, log });
    await consul.restart({ emptyData: true });
    await eventually(
      "it is listed again",
      async () => (await listServices(url)).some(({ id }) => id === "agent-1"),
      {
        withinMs: 10_000,
      },
    );
    await registration.close();
  });

  it("becomes critical when its process says nothing any more", async () => {
    await using consul = await startConsul();
    const { url } = consul;
    await fetch(`${url}/v1/agent/service/register`, {
      method: "PUT",
      body: JSON.stringify({ Name: "agent", ID: "dead", Check: { TTL: "200ms", Status: "passing" } }),
    });
    await eventually("it is critical", async () => (await listServices(url))[0]?.state === "critical");
  });
});

describe("a key", () => {
  it("is read as it was put, until it is deleted", async () => {
    await using consul = await startConsul();
    const { url } = consul;
    expect(await getKey(url, "weft/slots/demo/edge-fw")).toBeUndefined();
    await putKey(url, "weft/slots/demo/edge-fw", '{"version":1}');
    expect(await getKey(url, "weft/slots/demo/edge-fw")).toBe('{"version":1}');
    expect(await listKeys(url, "weft/slots/")).toEqual(["weft/slots/demo/edge-fw"]);
    await deleteKey(url, "weft/slots/demo/edge-fw");
    expect(await listKeys(url, "weft/slots/")).toEqual([]);
    expect(await getKey(url, "weft/slots/demo/edge-fw")).toBeUndefined();
  });

  it("cannot be put without Consul, and that is said as unavailable", async () => {
    await expect(putKey("http://127.0.0.1:9", "a", "b")).rejects.toMatchObject({
      code: "unavailable",
      retryable: true,
    });
  });
});
