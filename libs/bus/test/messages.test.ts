import { createLogTo } from "@weft/runtime";
import { Refused, WeftError, serviceLogsSubject } from "@weft/schemas";
import { eventually } from "@weft/testkit";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ServiceLogs, serveLogs } from "../src/index.ts";
import { world } from "./support/world.ts";

const ServiceLine = z.object({ msg: z.string() });

describe("whoever asks", () => {
  it("gets the answer, also to an empty payload", async () => {
    await using at = await world();
    using _ = at.bus.respond("test.echo", async (data, subject) => ({ data: data ?? "nothing", subject }));
    const client = await at.another();
    expect(await client.request("test.echo", { a: 1 })).toEqual({ data: { a: 1 }, subject: "test.echo" });
    expect(await client.request("test.echo", undefined)).toEqual({ data: "nothing", subject: "test.echo" });
  });

  it("gets a refusal for broken JSON, for a refusal of the handler and for its mistakes, never a timeout", async () => {
    await using at = await world();
    using _ = at.bus.respond("test.refuse", async (data) => {
      if (data === "mistake") throw new TypeError("oh");
      throw new WeftError("in-use", "No.", { faults: [{ path: "x", message: "y" }] });
    });
    const raw = await at.bus.connection.request("test.refuse", '{"a":', { timeout: 2_000 });
    expect(Refused.parse(raw.json())).toMatchObject({
      code: "syntax-error",
      status: 400,
      accepted: false,
      errors: [{ line: 1, column: 6 }],
    });
    const deep = `${"[".repeat(20_000)}${"]".repeat(20_000)}`;
    const nested = await at.bus.connection.request("test.refuse", deep, { timeout: 2_000 });
    expect(Refused.parse(nested.json())).toMatchObject({ code: "invalid-request", status: 400 });
    const refused = Refused.parse(await at.bus.request("test.refuse", {}));
    expect(refused).toMatchObject({ code: "in-use", errors: [{ path: "x", message: "y" }] });
    expect(Refused.parse(await at.bus.request("test.refuse", "mistake"))).toMatchObject({
      code: "internal",
      status: 500,
    });
  });

  it("gets a refusal when the answer is too large", async () => {
    await using at = await world();
    using _ = at.bus.respond("test.large", async () => "x".repeat(9_000_000));
    expect(Refused.parse(await at.bus.request("test.large", {}))).toMatchObject({ code: "internal" });
  });

  it("is told at once when nobody is there, and in time when nobody answers", async () => {
    await using at = await world();
    await expect(at.bus.request("test.nobody", {})).rejects.toMatchObject({
      code: "unavailable",
      retryable: true,
    });
    at.bus.connection.subscribe("test.silent");
    await expect(at.bus.request("test.silent", {}, { timeoutMs: 50 })).rejects.toMatchObject({
      code: "timeout",
    });
  });

  it("asks again when one that hangs got the request, and takes the first answer", async () => {
    await using at = await world();
    const hung: unknown[] = [];
    using hanging = at.bus.respond("test.one", (data) => new Promise(() => hung.push(data)), { queue: "q" });
    const client = await at.another();
    const times = { timeoutMs: 5_000, againAfterMs: 100 };
    const answer = client.request("test.one", 1, times);
    await eventually("it hangs with the one that cannot answer", () => hung.length > 0);
    using _ = at.bus.respond("test.one", async () => "answer", { queue: "q" });
    hanging[Symbol.dispose]();
    expect(await answer).toBe("answer");
    await expect(client.request("test.nobody", 1, times)).rejects.toMatchObject({ code: "unavailable" });
  });

  it("does not wait behind a slow request", async () => {
    await using at = await world();
    const slow = Promise.withResolvers<string>();
    using _ = at.bus.respond("test.some", (data) =>
      data === "slow" ? slow.promise : Promise.resolve("quick"),
    );
    const first = at.bus.request("test.some", "slow");
    expect(await at.bus.request("test.some", "quick")).toBe("quick");
    slow.resolve("done");
    expect(await first).toBe("done");
  });
});

describe("whoever listens", () => {
  it("hears what is published, not what is broken, until it stops", async () => {
    await using at = await world();
    const heard: unknown[] = [];
    const subscription = at.bus.subscribe("test.said.*", (data, subject) => {
      if (data === "bad") throw new Error("no");
      heard.push([subject, data]);
    });
    at.bus.connection.publish("test.said.a", "{");
    at.bus.publish("test.said.a", "bad");
    at.bus.publish("test.said.a", 1);
    await eventually("the message is heard", () => heard.length === 1);
    subscription[Symbol.dispose]();
    at.bus.publish("test.said.a", 2);
    await at.bus.connection.flush();
    expect(heard).toEqual([["test.said.a", 1]]);
    expect(at.complaints).toHaveLength(2);
  });
});

describe("a service's log", () => {
  it("is answered by each copy, its latest lines last", async () => {
    await using at = await world();
    const log = createLogTo("test", "info", () => undefined);
    for (const n of [1, 2, 3]) log.info(`line ${n}`);
    using first = serveLogs(at.bus, "test", log, "test-a");
    using second = serveLogs(at.bus, "test", log, "test-b");
    const answers: ServiceLogs[] = [];
    const inbox = at.bus.connection.subscribe("test.inbox", {
      callback: (_, message) => void answers.push(ServiceLogs.parse(message.json())),
    });
    at.bus.connection.publish(serviceLogsSubject("test"), '{"tail":2}', { reply: "test.inbox" });
    await eventually("both copies have answered", () => answers.length === 2);
    inbox.unsubscribe();
    expect(new Set(answers.map(({ id }) => id))).toEqual(new Set(["test-a", "test-b"]));
    expect(first).not.toBe(second);
    expect(answers[0]?.lines.map((line) => ServiceLine.parse(JSON.parse(line)).msg)).toEqual([
      "line 2",
      "line 3",
    ]);
  });
});
