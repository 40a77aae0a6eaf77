import { once } from "node:events";
import { createServer } from "node:http";
import type { Server as HttpServer } from "node:http";
import type { AddressInfo, Server as SocketServer } from "node:net";
import { createServer as createSocketServer } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { forgetGateway, gatewayUrl } from "./choose-gateway.ts";

const silent = createSocketServer(() => undefined);
const alive: HttpServer[] = [];
let hangs = "";
let first = "";
let second = "";
const nobody = "http://127.0.0.1:1";

beforeAll(async () => {
  hangs = await listening(silent);
  for (let nth = 0; nth < 2; nth += 1) alive.push(createServer((_request, response) => response.end("{}")));
  [first = "", second = ""] = await Promise.all(alive.map((server) => listening(server)));
});

afterAll(() => {
  silent.close();
  for (const server of alive) server.close();
});

async function listening(server: SocketServer): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const choose = (...urls: string[]) => gatewayUrl({ url: urls.join(", ") });

describe("of several gateways", () => {
  it("the first that is alive is asked", async () => {
    expect(await choose(first, second)).toBe(first);
  });

  it("one that is not there, or takes connections and answers nothing, is passed over", async () => {
    expect(await choose(nobody, first)).toBe(first);
    expect(await choose(hangs, second)).toBe(second);
  });

  it("the first is named when none is alive, so that the call says what is wrong", async () => {
    expect(await choose(nobody, hangs)).toBe(nobody);
  });

  it("the choice holds until a call has reached nobody", async () => {
    const server = { url: `${nobody},${second}` };
    const chosen = gatewayUrl(server);
    expect(gatewayUrl(server)).toBe(chosen);
    forgetGateway(server);
    expect(gatewayUrl(server)).not.toBe(chosen);
    expect(await gatewayUrl(server)).toBe(second);
  });
});

describe("a single gateway", () => {
  it("is asked without a look at it", async () => {
    expect(await choose(nobody)).toBe(nobody);
  });
});
