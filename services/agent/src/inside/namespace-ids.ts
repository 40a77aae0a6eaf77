/** Which namespaces each placement's links lead into, by the ids that the kernel's events name them with. */
import { runOnHost } from "@weft/drivers";
import type { InstancePlacement } from "@weft/schemas";
import { z } from "zod";
import { linkNames } from "../wiring/names.ts";

const Links = z.array(z.looseObject({ ifname: z.string().optional(), link_netnsid: z.number().optional() }));

export async function namespaceIds(placements: readonly InstancePlacement[]): Promise<Map<string, number[]>> {
  const { stdout } = await runOnHost({ argv: ["ip", "-j", "link", "show", "type", "veth"] });
  const ids = new Map(
    Links.parse(JSON.parse(stdout === "" ? "[]" : stdout)).flatMap(({ ifname, link_netnsid: id }) =>
      ifname === undefined || id === undefined ? [] : [[ifname, id] as const],
    ),
  );
  return new Map(
    placements.map((placement) => [
      placement.uid,
      linkNames(placement).flatMap((name) => ids.get(name) ?? []),
    ]),
  );
}
