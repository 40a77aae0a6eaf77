export function cacheDirectory(): string;
export function searchPath(): string;
export function findPrograms(name: string): string[];
export function findProgram(name: string): string | undefined;
export function versionOf(file: string, args?: readonly string[]): string | undefined;
export function atLeast(version: string, wanted: string): boolean;
export function findProgramAtLeast(
  name: string,
  wanted: string,
): { readonly file: string; readonly version: string } | undefined;
