export const labLockName: string;
export function labHolder(name?: string): Promise<string | undefined>;
export function otherLabMessage(folder: string): string;
