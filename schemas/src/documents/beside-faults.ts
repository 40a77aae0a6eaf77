/**
 * Checks that run beside the faults of single fields, so that all of them are named at once. What such a check is given may be
 * anything in part: it reads with care.
 */
import { z } from "zod";

/** When a check across fields runs: on whatever it can read at all. */
export function besideFaults(isReadable: (value: unknown) => boolean) {
  return { when: ({ value }: { value: unknown }) => isReadable(value) };
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A list of at most so many; zod's own `max` leaves what is in a longer list unread. */
export function atMost<Element extends z.ZodType>(element: Element, most: number, error: string) {
  return z
    .array(element)
    .superRefine((list, context) => {
      if (list.length > most) context.addIssue({ code: "custom", message: error });
    }, besideFaults(Array.isArray))
    .meta({ maxItems: most });
}

/** The field where it is sound by itself; undefined where it is absent or has a fault. */
export function sound<Schema extends z.ZodType>(schema: Schema) {
  return schema.optional().catch(undefined);
}

/** The same of each element of a list, in its place. */
export function soundList<Schema extends z.ZodType>(schema: Schema) {
  return sound(z.array(sound(schema)));
}
