/**
 * Keeps the MAC addresses of the other nodes known to a userspace Open vSwitch, for its tunnels.
 * Its datapath drops the first packet to a tunnel endpoint that it has no neighbour entry for, asks by ARP, and forgets the
 * entry after 15 minutes (tnl/neigh/aging); so a first connection over three nodes lost its first two packets (measured).
 * It learns from ARP answers that pass br-phy: one ping to each node is enough. The kernel's datapath needs none of this.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { View } from "@weft/bus";
import { everyTick, holdingService } from "@weft/runtime";
import type { Log, Service } from "@weft/runtime";
import type { NodeRecord } from "@weft/schemas";

const run = promisify(execFile);
/** A third of the 15 minutes after which Open vSwitch forgets. */
const renewMs = 300_000;
const retryMs = 1000;

export function keepTunnelNeighbours(
  node: string,
  nodes: View<NodeRecord>,
  { log }: { readonly log: Log },
): Service {
  /** When each address answered last, in milliseconds of the process's clock. */
  const answered = new Map<string, number>();
  let looking = false;

  const isDue = (address: string) => performance.now() - (answered.get(address) ?? -Infinity) >= renewMs;
  const ask = async (address: string) => {
    try {
      await run("ping", ["-c", "1", "-W", "1", "-q", address]);
      answered.set(address, performance.now());
    } catch (cause) {
      log.debug({ err: cause, address }, "a node does not answer at its tunnel address");
    }
  };
  const look = async () => {
    if (looking) return;
    looking = true;
    const others = [...nodes.entries().values()].filter(({ value }) => value.name !== node);
    await Promise.all(
      others
        .map(({ value }) => value.address)
        .filter(isDue)
        .map(ask),
    );
    looking = false;
  };

  return holdingService("tunnel neighbours", async (open) => {
    open.defer(nodes.changed.subscribe(() => void look()));
    open.use(everyTick(retryMs, () => void look()));
    await look();
  });
}
