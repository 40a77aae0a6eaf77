/** `npm run simulate -- --histories N [--seed S] [--json FILE]`: exit code 1, with seed and trace, when a history breaks a rule. */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { runHistories } from "./run-histories.ts";

const { values } = parseArgs({
  options: {
    histories: { type: "string", default: "1000" },
    seed: { type: "string", default: "1" },
    json: { type: "string" },
  },
});
const [count, first] = [Number(values.histories), Number(values.seed)];
if (!Number.isInteger(count) || count < 1 || !Number.isInteger(first)) {
  process.stderr.write("weft: --histories is a whole number from 1, --seed a whole number\n");
  process.exit(2);
}

const startedAt = Date.now();
const { histories, events, failures } = await runHistories(count, first);
const seconds = Math.round((Date.now() - startedAt) / 1000);
for (const { seed, broken, trace } of failures)
  process.stdout.write(`seed ${seed}: ${broken}\n${trace.join("\n")}\n`);
process.stdout.write(
  `${histories} histories from seed ${first}, ${events} events, ${failures.length} broken, ${seconds} s\n`,
);
if (values.json !== undefined) {
  const result = { measuredAt: new Date().toISOString(), first, histories, events, seconds, failures };
  writeFileSync(values.json, `${JSON.stringify(result, undefined, 2)}\n`);
}
process.exitCode = failures.length === 0 ? 0 : 1;
