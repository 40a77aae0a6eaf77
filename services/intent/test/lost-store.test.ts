import { createLog, systemClock } from "@weft/runtime";
import { eventually, startConsul, startNats } from "@weft/testkit";
import { describe, expect, it } from "vitest";
import { createIntentService } from "../src/service.ts";
import { plainClient } from "./plain-client.ts";

const network = { kind: "Network", metadata: { name: "a", tenant: "t" }, spec: { subnets: ["10.1.0.0/16"] } };

describe("the intent service on a server that came back without its store", () => {
  it("answers again by itself, from what is there now", async () => {
    await using nats = await startNats();
    await using consul = await startConsul();
    const context = { log: createLog("intent", "fatal"), clock: systemClock() };
    const service = createIntentService({ natsUrl: nats.url, consulUrl: consul.url }, context);
    await service.start();
    await using open = new AsyncDisposableStack();
    open.defer(() => service.stop());
    const client = open.use(await plainClient(nats.url));
    for (let n = 0; n < 3; n += 1)
      await client.apply([{ ...network, metadata: { name: "a", tenant: `t${n}` } }]);
    await nats.restart({ emptyStore: true });
    const reply = await eventually(
      "a request is accepted",
      async () => {
        const answer = await client.apply([{ ...network, metadata: { name: "a", tenant: "t0" } }]);
        return answer.accepted && answer;
      },
      { withinMs: 20_000 },
    );
    expect(reply).toMatchObject({ documents: [{ change: "created" }], revision: 1 });
    expect([...(await client.bucket("weft_intents")).keys()]).toEqual(["t0.network.a"]);
  });
});
