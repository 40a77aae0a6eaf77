/**
 * A process that answers `test.who`, so that a test can stop and continue it: `node answering.ts <nats url>`.
 * Writes a line for each request that it takes.
 */
import { createLogTo } from "@weft/runtime";
import { connectBus } from "../../src/index.ts";

const [url = ""] = process.argv.slice(2);
const bus = await connectBus({
  url,
  name: "answering",
  log: createLogTo("answering", "silent", () => undefined),
});
bus.respond("test.who", async (data) => {
  process.stdout.write(`took ${JSON.stringify(data)}\n`);
  return "me";
});
await bus.connection.flush();
process.stdout.write("ready\n");
