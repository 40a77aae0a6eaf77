/** Reads one line of the daemon's events: what ended or started, if it is that. The daemon tells of a container's end before it can be asked. */
import { z } from "zod";
import { labels } from "../labels.ts";
import type { Ended } from "../port.ts";

const Died = z.object({
  status: z.literal("die"),
  id: z.string(),
  Actor: z.object({
    Attributes: z.object({ [labels.placement]: z.string(), [labels.role]: z.enum(["holder", "instance"]) }),
  }),
});

/** undefined for other events, and for what is none. */
export function endedFrom(line: string): Ended | undefined {
  const { success, data } = Died.safeParse(parsed(line));
  if (!success) return undefined;
  const { [labels.placement]: placement, [labels.role]: role } = data.Actor.Attributes;
  return { placement, role, id: data.id };
}

const HolderStarted = z.object({
  status: z.literal("start"),
  Actor: z.object({ Attributes: z.object({ [labels.role]: z.literal("holder") }) }),
});

/** Who had it started has been answered, and nothing is in it yet: a look at all containers would find nothing new. */
export function startsHolder(line: string): boolean {
  return HolderStarted.safeParse(parsed(line)).success;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
