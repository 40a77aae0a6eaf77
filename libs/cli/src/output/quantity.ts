/** Base units for people: bytes as 128Mi, cores as 0.25, nothing as "-". Pure. */
const units = ["", "Ki", "Mi", "Gi", "Ti"] as const;

export function bytesText(bytes: number | null): string {
  if (bytes === null) return "-";
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${Number(value.toFixed(1))}${units[unit] ?? ""}`;
}

export function numberText(value: number | null): string {
  return value === null ? "-" : String(Math.round(value * 1000) / 1000);
}
