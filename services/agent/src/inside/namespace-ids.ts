/**
 * Which namespaces each placement's links lead into, by the ids that the kernel's events name them with.
 * A link keeps its id for as long as it is there, so the kernel is asked once for each wiring, and not before there is a link.
 */
import { runOnHost } from "@weft/drivers";
import type { InstancePlacement } from "@weft/schemas";
import { z } from "zod";
import { presentLinks } from "../wiring/links.ts";
import { linkNames } from "../wiring/names.ts";

const Links = z.array(z.looseObject({ ifname: z.string().optional(), link_netnsid: z.number().optional() }));

export class NamespaceIds {
  readonly #known = new Map<string, readonly number[]>();

  /** By the placement's uid; empty for one whose links lead nowhere. */
  async of(placements: readonly InstancePlacement[]): Promise<ReadonlyMap<string, readonly number[]>> {
    const unknown = placements.filter(({ uid }) => !this.#known.has(uid));
    if (unknown.length === 0) return this.#known;
    const present = presentLinks();
    const asked = unknown.filter((placement) => linkNames(placement).some((name) => present.has(name)));
    if (asked.length === 0) return this.#known;
    const found = await idsOfLinks();
    for (const placement of asked)
      this.#known.set(
        placement.uid,
        linkNames(placement).flatMap((name) => found.get(name) ?? []),
      );
    return this.#known;
  }

  /** Its links are others now, or none. */
  forget(uid: string): void {
    this.#known.delete(uid);
  }
}

async function idsOfLinks(): Promise<Map<string, number>> {
  const { stdout } = await runOnHost({ argv: ["ip", "-j", "link", "show", "type", "veth"] });
  return new Map(
    Links.parse(JSON.parse(stdout === "" ? "[]" : stdout)).flatMap(({ ifname, link_netnsid: id }) =>
      ifname === undefined || id === undefined ? [] : [[ifname, id] as const],
    ),
  );
}
