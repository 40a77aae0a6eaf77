/** Workload: a plain host on networks; a container, or a command in a network namespace. */
import { z } from "zod";
import { AddressText, formatAddress, parseAddress } from "../ip.ts";
import { Label } from "../names.ts";
import { Bytes, Cpu } from "../quantities.ts";
import { atMost, besideFaults, isObject, sound, soundList } from "./beside-faults.ts";
import { documentOf } from "./metadata.ts";

/** What documents will be able to ask for. */
const runtimesToCome: readonly unknown[] = ["kubernetes"];

export const Runtime = z.enum(["docker", "namespace"], {
  error: ({ input }) =>
    isRuntimeToCome(input) ? `${String(input)} is not in this version: take docker or namespace` : undefined,
});
export type Runtime = z.infer<typeof Runtime>;

export function isRuntimeToCome(value: unknown): boolean {
  return runtimesToCome.includes(value);
}

export const Image = z
  .string()
  .regex(/^[a-z0-9][-a-zA-Z0-9._/:@]{0,254}$/, "must be an image reference such as debian:bookworm-slim");

/** What can be read of a spec with faults, addresses in their usual form. */
export const SoundWorkloadSpec = z
  .object({
    runtime: sound(Runtime.default("namespace")),
    image: z.unknown().optional(),
    networks: soundList(
      z.object({
        network: sound(Label),
        address: sound(AddressText.transform((text) => formatAddress(parseAddress(text)))),
      }),
    ),
  })
  .catch({});

export const WorkloadSpec = z
  .strictObject({
    runtime: Runtime.default("namespace"),
    image: Image.optional(),
    command: z.array(z.string().min(1)).min(1).optional(),
    networks: atMost(
      z.strictObject({ network: Label, address: AddressText.optional() }),
      8,
      "takes at most 8 networks",
    ).min(1, "needs at least one network"),
    resources: z.strictObject({ cpu: Cpu.optional(), memory: Bytes.optional() }).optional(),
    node: Label.optional().describe("the node to run on; else the scheduler chooses"),
  })
  .superRefine((spec, context) => {
    const { runtime, image, networks = [] } = SoundWorkloadSpec.parse(spec);
    if (runtime === "docker" && image === undefined)
      context.addIssue({ code: "custom", path: ["image"], message: "is needed by the docker runtime" });
    if (runtime === "namespace" && image !== undefined)
      context.addIssue({
        code: "custom",
        path: ["image"],
        message: "has no meaning for the namespace runtime",
      });
    const seen = new Set<string>();
    networks.forEach((one, index) => {
      const network = one?.network;
      if (network === undefined) return;
      if (seen.has(network))
        context.addIssue({ code: "custom", path: ["networks", index, "network"], message: "is named twice" });
      seen.add(network);
    });
  }, besideFaults(isObject));
export const Workload = documentOf("Workload", WorkloadSpec);
export type WorkloadSpec = z.infer<typeof WorkloadSpec>;
export type Workload = z.infer<typeof Workload>;
