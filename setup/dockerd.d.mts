export const dockerSocket: string;
export function dockerAnswers(): Promise<boolean>;
export function dockerdCommand(stateDir: string): [string, ...string[]];
export function ensureDockerd(
  stateDir: string,
): Promise<{ readonly started: boolean; readonly stop: () => Promise<void> }>;
export function clearDockerdState(stateDir: string): Promise<void>;
