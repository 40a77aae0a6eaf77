/**
 * `npm run simulate -- --histories N [--seed S] [--threads T] [--minutes M] [--json FILE [--continue]]`: exit code 1, with seed and trace, when a
 * history breaks a rule; goes on behind what FILE has, where that is asked for.
 * `npm run simulate -- --join FILE… [--again FILE…] --json FILE`: runs of other seeds as one, each with its commit;
 * behind --again runs by later sources of seeds that broke a rule.
 * `npm run simulate -- --mutate [--only NAME] …`: each guard is taken away in turn; exit code 1 when N histories do not miss one.
 */
import { parseArgs } from "node:util";
import { guards } from "./guards.ts";
import { commitOf, joinKept, readKept, withPart, writeJson } from "./kept-run.ts";
import { runHistories } from "./run-histories.ts";
import { searchGuards } from "./search-guards.ts";

const { values } = parseArgs({
  options: {
    histories: { type: "string" },
    seed: { type: "string", default: "1" },
    threads: { type: "string" },
    minutes: { type: "string" },
    json: { type: "string" },
    continue: { type: "boolean", default: false },
    join: { type: "string", multiple: true },
    again: { type: "string", multiple: true, default: [] },
    mutate: { type: "boolean", default: false },
    only: { type: "string" },
  },
});
/** So much is lost at most when a long run is ended; less, and threads that load everything anew cost more than histories do. */
const mostInPart = 5_000;
/** The guard that is missed latest is missed by seed 2259. */
const enough = values.mutate ? 3_000 : 1_000;
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
if (values.join !== undefined && values.json !== undefined)
  writeJson(values.json, joinKept(values.join, values.again));
else process.exitCode = (await (values.mutate ? mutate() : simulate())) ? 0 : 1;

/** Part by part, each added to the file; one that was not run to its end is left out. */
async function simulate(): Promise<boolean> {
  const endsAt = minutes === undefined ? undefined : startedAt.getTime() + minutes * 60_000;
  const { json, continue: goesOn } = values;
  let kept = json !== undefined && goesOn ? readKept(json) : undefined;
  const end = first + count;
  for (let seed = (kept?.lastSeed ?? first - 1) + 1; seed < end; seed += mostInPart) {
    const beganAt = new Date();
    const asked = Math.min(mostInPart, end - seed);
    const part = await runHistories(asked, seed, { threads, endsAt });
    for (const { seed: one, broken, trace } of part.failures)
      say(`seed ${one}: ${broken}\n${trace.join("\n")}`);
    const isWhole = part.histories === asked;
    if (isWhole || part.failures.length > 0)
      kept = withPart(kept, { part, firstSeed: seed, startedAt: beganAt });
    if (json !== undefined && kept !== undefined) writeJson(json, kept);
    if (!isWhole) break;
  }
  if (kept === undefined) {
    say("no part was run to its end");
    return false;
  }
  const { histories, events, failures, firstSeed, seconds } = kept;
  say(
    `${histories} histories from seed ${firstSeed}, ${events} events, ${failures.length} broken, ${seconds} s`,
  );
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
  const seconds = Math.round((Date.now() - startedAt.getTime()) / 1000);
  const when = { commit: commitOf(), measuredAt: startedAt.toISOString(), seconds };
  if (values.json !== undefined)
    writeJson(values.json, { ...when, firstSeed: first, most: count, guards: searches });
  say(
    `${searches.length} guards, each taken away: ${searches.length - missed} caught, ${missed} not, ${seconds} s`,
  );
  return missed === 0 && searches.length > 0;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
