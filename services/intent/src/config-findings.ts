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

export async function configFindings(
  configs: readonly ConfigToCheck[],
  functions: Functions,
  sound: SoundConfigs,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const config of configs) {
    const faults =
      config.path === undefined
        ? functions.quickCheck(config.function, config.config, config.networks)
        : await checkOnce(config, functions, sound);
    findings.push(...faults.map((fault) => asFinding(config, fault)));
  }
  return findings;
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
