/** What the supervisor tells the process that started it, over Node's own channel between the two. */
import { z } from "zod";

export const SupervisorMessage = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("step"), text: z.string() }),
  z.object({ kind: z.literal("ready") }),
  z.object({ kind: z.literal("failed"), code: z.string(), message: z.string() }),
]);
export type SupervisorMessage = z.infer<typeof SupervisorMessage>;
