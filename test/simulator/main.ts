/**
 * `npm run simulate -- --histories N [--seed S] [--threads T] [--minutes M] [--json FILE]`: exit code 1, with seed and trace, when a history breaks a rule.
 * `npm run simulate -- --mutate [--only NAME] …`: each guard is taken away in turn; exit code 1 when N histories do not miss one.
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { guards } from "./guards.ts";
import { runHistories } from "./run-histories.ts";
import { searchGuards } from "./search-guards.ts";

const { values } = parseArgs({
  options: {
    histories: { type: "string" },
    seed: { type: "string", default: "1" },
    threads: { type: "string" },
    minutes: { type: "string" },
    json: { type: "string" },
    mutate: { type: "boolean", default: false },
    only: { type: "string" },
  },
});
/** The guard that is missed latest is missed by seed 5059. */
const enough = values.mutate ? 5_100 : 1_000;
const [count, first] = [Number(values.histories ?? enough), Number(values.seed)];
const threads = values.threads === undefined ? undefined : Number(values.threads);
const minutes = values.minutes === undefined ? undefined : Number(values.minutes);
if (
  ![count, threads ?? 1].every((number) => Number.isInteger(number) && number > 0) ||
  !Number.isInteger(first) ||
  !((minutes ?? 1) > 0)
) {
  process.stderr.write(
    "weft: --histories and --threads are whole numbers from 1, --minutes is more than 0, --seed is a whole number\n",
  );
  process.exit(2);
}

const startedAt = new Date();
process.exitCode = (await (values.mutate ? mutate() : simulate())) ? 0 : 1;

async function simulate(): Promise<boolean> {
  const endsAt = minutes === undefined ? undefined : startedAt.getTime() + minutes * 60_000;
  const { histories, events, faults, failures } = await runHistories(count, first, {
    threads,
    endsAt,
  });
  for (const { seed, broken, trace } of failures) say(`seed ${seed}: ${broken}\n${trace.join("\n")}`);
  const seconds = keep({
    firstSeed: first,
    lastSeed: first + histories - 1,
    histories,
    events,
    faults,
    failures,
  });
  say(`${histories} histories from seed ${first}, ${events} events, ${failures.length} broken, ${seconds} s`);
  return failures.length === 0;
}

async function mutate(): Promise<boolean> {
  const { only } = values;
  const searched = guards.filter(({ name }) => only === undefined || name === only);
  if (searched.length === 0) {
    process.stderr.write(
      `weft: no guard is called "${only}". There are:\n${guards.map(({ name }) => `  ${name}\n`).join("")}`,
    );
    process.exit(2);
  }
  const searches = await searchGuards(
    searched,
    { first, most: count },
    ({ name, keeps, caught, histories }) =>
      say(
        caught === null
          ? `NOT CAUGHT in ${histories} histories: ${name}. ${keeps}`
          : `seed ${caught.seed}, history ${histories}: ${name}. ${keeps} (${caught.broken})`,
      ),
  );
  const missed = searches.filter(({ caught }) => caught === null).length;
  const seconds = keep({ firstSeed: first, most: count, guards: searches });
  say(
    `${searches.length} guards, each taken away: ${searches.length - missed} caught, ${missed} not, ${seconds} s`,
  );
  return missed === 0 && searches.length > 0;
}

/** Writes the result down where it is asked for; returns how long it took. */
function keep(result: object): number {
  const seconds = Math.round((Date.now() - startedAt.getTime()) / 1000);
  if (values.json !== undefined) {
    const when = { commit: commitOf(), measuredAt: startedAt.toISOString(), seconds };
    writeFileSync(values.json, `${JSON.stringify({ ...when, ...result }, undefined, 2)}\n`);
  }
  return seconds;
}

/** Null outside a checkout. */
function commitOf(): string | null {
  try {
    return execFileSync("git", ["rev-parse", "HEAD"], { encoding: "utf8" }).trim();
  } catch {
    return null;
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
