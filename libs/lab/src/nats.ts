/**
 * The lab's nats-server: JetStream on disk, every write synced, since its key-value buckets are Weft's only store.
 * Writes its configuration into the lab's folder. Refuses a server below 2.12, which has no atomic batch.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { WeftError } from "@weft/schemas";
import { findProgramAtLeast } from "../../../setup/programs.mjs";
import type { ProcessSpec } from "./fleet.ts";
import type { LabLayout } from "./layout.ts";
import { controlAddress, ports } from "./layout.ts";

const oldestVersion = "2.12";
export const natsUrl = `nats://${controlAddress}:${ports.nats.port}`;

export function natsProcess(lab: LabLayout): ProcessSpec {
  const program = findProgramAtLeast("nats-server", oldestVersion);
  if (program === undefined)
    throw new WeftError(
      "unavailable",
      `There is no nats-server >= ${oldestVersion} here: see \`weft doctor\`.`,
    );
  mkdirSync(lab.natsFolder, { recursive: true });
  const configuration = path.join(lab.natsFolder, "nats.conf");
  writeFileSync(configuration, configurationText(lab));
  return {
    name: "nats",
    command: [program.file, "--config", configuration],
    ready: async () => /"jetstream":true/.test(await greeting()),
  };
}

/** A request of 1 MiB plus its envelope must pass, and so must the views of a gateway with many rows. */
function configurationText(lab: LabLayout): string {
  return [
    `server_name: weft-lab`,
    `listen: "${controlAddress}:${ports.nats.port}"`,
    `max_payload: 8MB`,
    `max_pending: 64MB`,
    // A service that hangs is out of its queue after two seconds: requests go to the other copy.
    `ping_interval: "1s"`,
    `ping_max: 2`,
    `jetstream {`,
    `  store_dir: "${path.join(lab.natsFolder, "data")}"`,
    `  sync_interval: always`,
    `}`,
    ``,
  ].join("\n");
}

/** The INFO line by which a server greets whoever connects. */
function greeting(): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(ports.nats.port, controlAddress);
    socket.setTimeout(2_000, () => socket.destroy(new Error("no greeting")));
    socket.once("error", reject);
    socket.once("data", (data) => {
      socket.destroy();
      resolve(data.toString("utf8"));
    });
  });
}
