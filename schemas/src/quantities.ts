/**
 * Quantities: strings with units in documents, plain numbers in base units everywhere else.
 * Each schema checks the text; its reader beside it returns seconds, cores, bytes or bit/s.
 */
import { z } from "zod";

const durationUnits = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 } as const;
const byteUnits = { "": 1, k: 1e3, M: 1e6, G: 1e9, Ki: 1024, Mi: 1024 ** 2, Gi: 1024 ** 3 } as const;
const bitUnits = { bit: 1, kbit: 1e3, Mbit: 1e6, Gbit: 1e9 } as const;

const durationPattern = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;
const cpuPattern = /^(?:\d+(?:\.\d+)?|\d+m)$/;
const bytesPattern = /^(\d+(?:\.\d+)?)(|k|M|G|Ki|Mi|Gi)$/;
const bitratePattern = /^(\d+(?:\.\d+)?)(bit|kbit|Mbit|Gbit)$/;

export const durationWords = "must be a duration such as 500ms, 10s, 5m or 2h";
const cpuWords = 'must be a number of cores such as "0.5", "2" or "500m", with its quotes';
const bytesWords = 'must be an amount of bytes such as 128Mi, 1Gi or "1000000", the last with its quotes';
const bitrateWords = "must be a rate such as 50Mbit or 1Gbit";

export const Duration = z.string(durationWords).regex(durationPattern, durationWords);
export const Cpu = z
  .string(cpuWords)
  .regex(cpuPattern, cpuWords)
  .refine((text) => !cpuPattern.test(text) || cpuCores(text) > 0, "must be more than 0");
export const Bytes = z
  .string(bytesWords)
  .regex(bytesPattern, bytesWords)
  .refine((text) => !bytesPattern.test(text) || bytesCount(text) > 0, "must be more than 0");
export const Bitrate = z
  .string(bitrateWords)
  .regex(bitratePattern, bitrateWords)
  .refine((text) => !bitratePattern.test(text) || bitsPerSecond(text) > 0, "must be more than 0");

export function isDuration(text: string): boolean {
  return durationPattern.test(text);
}

/** Seconds of a duration such as "500ms". Throws RangeError on any other text. */
export function durationSeconds(text: string): number {
  return scaled(text, durationPattern, durationUnits);
}

/** Cores of an amount such as "0.5" or "500m". Throws RangeError on any other text. */
export function cpuCores(text: string): number {
  if (!cpuPattern.test(text)) throw new RangeError(`not an amount of cores: ${text}`);
  return text.endsWith("m") ? Number(text.slice(0, -1)) / 1000 : Number(text);
}

/** Bytes of an amount such as "128Mi". Throws RangeError on any other text. */
export function bytesCount(text: string): number {
  return scaled(text, bytesPattern, byteUnits);
}

/** Bit/s of a rate such as "50Mbit". Throws RangeError on any other text. */
export function bitsPerSecond(text: string): number {
  return scaled(text, bitratePattern, bitUnits);
}

function scaled(text: string, pattern: RegExp, units: Readonly<Record<string, number>>): number {
  const [, amount, unit] = pattern.exec(text) ?? [];
  const factor = unit === undefined ? undefined : units[unit];
  if (amount === undefined || factor === undefined) throw new RangeError(`not a quantity: ${text}`);
  return Number(amount) * factor;
}
