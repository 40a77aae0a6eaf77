/**
 * What the functions say of the configurations in a request, as findings of admission.
 * A configuration that comes is checked with the function's own tool; one that is there only for networks that go.
 */
import type { ConfigToCheck, Finding } from "@weft/decide";
import { canonicalText, finding } from "@weft/decide";
import type { Fault } from "@weft/schemas";
import type { Functions } from "./ports.ts";

/** Remembers sound configurations, so that a second look at the same one costs nothing. */
export type SoundConfigs = Set<string>;
const maxRemembered = 1000;
const maxAtOnce = 4;

interface Checking {
  readonly functions: Functions;
  readonly sound: SoundConfigs;
  /** What admission itself found. */
  readonly others: readonly Finding[];
}

export async function configFindings(
  configs: readonly ConfigToCheck[],
  checking: Checking,
): Promise<Finding[]> {
  const found = await inOrder(configs, async (config) => {
    const faults = await faultsIn(config, checking);
    return faults.map((fault) => asFinding(config, fault));
  });
  return found.flat();
}

/** Runs up to `maxAtOnce`: each is a process of its own. */
async function inOrder<T, R>(items: readonly T[], look: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const left = items.entries();
  const worker = async () => {
    for (const [index, item] of left) results[index] = await look(item);
  };
  await Promise.all(Array.from({ length: maxAtOnce }, worker));
  return results;
}

/** A document that is refused anyhow is not worth the tool, which costs a process. */
function faultsIn(config: ConfigToCheck, { functions, sound, others }: Checking) {
  const { path } = config;
  if (path === undefined || others.some((other) => isIn(other.path, path)))
    return functions.quickCheck(config.function, config.config, config.networks);
  return checkOnce(config, functions, sound);
}

function isIn(path: string, document: string): boolean {
  return path === document || path.startsWith(`${document}.`) || path.startsWith(`${document}[`);
}

async function checkOnce(
  config: ConfigToCheck,
  functions: Functions,
  sound: SoundConfigs,
): Promise<readonly Fault[]> {
  const text = canonicalText([config.function, config.config, config.networks]);
  if (sound.has(text)) return [];
  const faults = await functions.checkConfig(config.function, config.config, config.networks);
  if (sound.size >= maxRemembered) sound.clear();
  if (faults.length === 0) sound.add(text);
  return faults;
}

function asFinding({ path, group }: ConfigToCheck, fault: Fault): Finding {
  if (path === undefined)
    return finding(
      "in-use",
      "name",
      `is needed by the configuration of functiongroup/${group}: ${fault.message}`,
    );
  const inside = fault.path === "" || fault.path.startsWith("[") ? fault.path : `.${fault.path}`;
  return finding("config-refused", `${path}.spec.config${inside}`, fault.message);
}
