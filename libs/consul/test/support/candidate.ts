/**
 * A process that stands for leader, so that a test can kill it: `node candidate.ts <consul url> <service> <id>`.
 * Writes a line for each change to stdout; releases on SIGTERM.
 * What happens then is left to the test.
 */
import { createLogTo } from "@weft/runtime";
import { standForLeader } from "../../src/index.ts";

const [url = "", service = "", id = ""] = process.argv.slice(2);
const log = createLogTo(id, "silent", () => undefined);
const leadership = await standForLeader({ url, service, id, log });
const tell = () =>
  process.stdout.write(`${leadership.leads() ? "leads" : "follows"} ${leadership.epoch()}\n`);
leadership.changed.subscribe(tell);
tell();
process.once("SIGTERM", () => {
  void leadership.close().then(() => process.exit(0));
});
