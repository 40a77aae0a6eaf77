/**
 * How soon the lab notices failures, and how much its shims hold: services take it from the environment of `weft up`, where it says so.
 * Names and defaults are the services' own (docs/failures.md); what it doesn't name is left to them.
 */
const settings = {
  health: ["WEFT_NODE_LOSS_MS", "WEFT_DETECTION_MS", "WEFT_DISBELIEF_MS", "WEFT_HOLD_MS"],
  scheduler: ["WEFT_REPLACE_MS"],
  agent: [
    "WEFT_PROBE_INTERVAL_MS",
    "WEFT_DETECTION_MS",
    "WEFT_HEARTBEAT_MS",
    "WEFT_SHIM_FLOWS",
    "WEFT_SHIM_OPENING_SECONDS",
    "WEFT_SHIM_ESTABLISHED_SECONDS",
    "WEFT_SHIM_CLOSING_SECONDS",
    "WEFT_SHIM_DATAGRAM_SECONDS",
    "WEFT_SHIM_OTHER_SECONDS",
  ],
} as const;

export function failureSettings(
  service: keyof typeof settings,
  environment: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  return Object.fromEntries(
    settings[service].flatMap((name) => {
      const value = environment[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
