/** Workload: a plain host on networks; a container, or a command in a network namespace. */
import { z } from "zod";
import { AddressText } from "../ip.ts";
import { Label } from "../names.ts";
import { Bytes, Cpu } from "../quantities.ts";
import { documentOf } from "./metadata.ts";

export const Runtime = z.enum(["docker", "namespace"]);
export type Runtime = z.infer<typeof Runtime>;

export const Image = z
  .string()
  .regex(/^[a-z0-9][-a-zA-Z0-9._/:@]{0,254}$/, "must be an image reference such as debian:bookworm-slim");

export const WorkloadSpec = z
  .strictObject({
    runtime: Runtime.default("namespace"),
    image: Image.optional(),
    command: z.array(z.string().min(1)).min(1).optional(),
    networks: z
      .array(z.strictObject({ network: Label, address: AddressText.optional() }))
      .min(1, "needs at least one network")
      .max(8),
    resources: z.strictObject({ cpu: Cpu.optional(), memory: Bytes.optional() }).optional(),
    node: Label.optional().describe("the node to run on; else the scheduler chooses"),
  })
  .superRefine((spec, context) => {
    if (spec.runtime === "docker" && spec.image === undefined)
      context.addIssue({ code: "custom", path: ["image"], message: "is needed by the docker runtime" });
    if (spec.runtime === "namespace" && spec.image !== undefined)
      context.addIssue({
        code: "custom",
        path: ["image"],
        message: "has no meaning for the namespace runtime",
      });
    const seen = new Set<string>();
    spec.networks.forEach(({ network }, index) => {
      if (seen.has(network))
        context.addIssue({ code: "custom", path: ["networks", index, "network"], message: "is named twice" });
      seen.add(network);
    });
  });
export const Workload = documentOf("Workload", WorkloadSpec);
export type WorkloadSpec = z.infer<typeof WorkloadSpec>;
export type Workload = z.infer<typeof Workload>;
