export interface MachineRow {
  readonly kind: "node" | "npm" | "apt" | "program" | "kernel" | "image";
  readonly name: string;
  readonly have: string;
  readonly need: string;
  readonly ok: boolean;
  /** The command that mends it; empty where nothing is to be mended. */
  readonly mend: string;
}
export const installCommand: string;
export function inspectMachine(options?: {
  readonly bench?: boolean;
  readonly test?: boolean;
}): Promise<MachineRow[]>;
export function formatRows(rows: readonly MachineRow[]): string;
