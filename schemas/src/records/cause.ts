/** Cause: the revision of another record that a record was decided from. Events derived from it name it as their causationid. */
import { z } from "zod";

export const Cause = z
  .string()
  .optional()
  .describe("<bucket>/<key>@<revision> of the record behind it; records of 0.1.0 may lack it");
