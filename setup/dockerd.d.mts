export const dockerSocket: string;
export const dockerdFolders: readonly string[];
export function dockerAnswers(): Promise<boolean>;
export function prepareDockerd(stateDir: string): [string, ...string[]];
export function dockerdMounts(stateDir: string): string[];
export function ensureDockerd(
  stateDir: string,
): Promise<{ readonly started: boolean; readonly stop: () => Promise<void> }>;
export function clearDockerdState(stateDir: string): void;
