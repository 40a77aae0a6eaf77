import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createLogTo, systemClock } from "@weft/runtime";
import { eventually } from "@weft/testkit";
import { describe, expect, it } from "vitest";
import { keepAlive } from "../src/life-check.ts";

const log = createLogTo("test", "silent", () => undefined);

/** Knows the service; answers all but what `hangs` says of the paths that it was asked for so far. */
async function consulThat(hangs: (asked: readonly string[]) => boolean) {
  const asked: string[] = [];
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    asked.push(request.url ?? "");
    if (hangs(asked)) return;
    const body = request.url === "/v1/agent/services" ? JSON.stringify({ one: {}, two: {} }) : "";
    response.writeHead(200, { "content-type": "application/json", "content-length": body.length }).end(body);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    passed: (id = "one") => asked.filter((path) => path.endsWith(`/check/pass/weft-leader%3A${id}`)).length,
    registered: () => asked.filter((path) => path.includes("/check/register")).length,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function signsOfLifeAt(url: string, id = "one") {
  const lapsed = { times: 0 };
  const check = keepAlive({
    url,
    service: "scheduler",
    id,
    clock: systemClock(),
    log,
    lapsed: () => (lapsed.times += 1),
  });
  return { check, lapsed, [Symbol.asyncDispose]: () => check.close() };
}

describe("signs of life", () => {
  it("go on for as long as they are answered, registered once", async () => {
    await using consul = await consulThat(() => false);
    await using life = signsOfLifeAt(consul.url);
    await eventually("some were given", () => consul.passed() > 3);
    expect([consul.registered(), life.check.alive(), life.lapsed.times]).toEqual([1, true, 0]);
  });

  it("are given anew after one that nobody answers", async () => {
    const secondPass = (asked: readonly string[]) =>
      asked.filter((path) => path.includes("/check/pass/")).length === 2;
    await using consul = await consulThat(
      (asked) => secondPass(asked) && asked.at(-1)?.includes("/pass/") === true,
    );
    await using life = signsOfLifeAt(consul.url);
    await eventually("the check was registered again", () => consul.registered() > 1);
    await eventually("others were given", () => consul.passed() > 3);
    expect(life.check.alive()).toBe(true);
  });

  it("end when they are closed, also while one is not answered", async () => {
    await using consul = await consulThat((asked) => asked.at(-1)?.endsWith("two") === true);
    const [one, two] = [signsOfLifeAt(consul.url), signsOfLifeAt(consul.url, "two")];
    await eventually("both gave one", () => consul.passed() > 0 && consul.passed("two") > 0);
    await Promise.all([one.check.close(), two.check.close()]);
    const before = consul.passed();
    await using _ = signsOfLifeAt(consul.url, "three");
    await eventually("a third gave some", () => consul.passed("three") > 2);
    expect([consul.passed(), consul.passed("two")]).toEqual([before, 1]);
  });
});
