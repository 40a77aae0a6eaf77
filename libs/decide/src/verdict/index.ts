export { decideVerdicts } from "./decide-verdicts.ts";
export type { NodeBeat, SeenReport, ShardReport, VerdictPolicy, VerdictSeen } from "./seen.ts";
export { defaultVerdictPolicy } from "./seen.ts";
export type { Silence } from "./silence.ts";
export { silenceOf } from "./silence.ts";
export type { PutNodeHealth, PutShardHealth, RemoveHealth, VerdictStep } from "./step.ts";
