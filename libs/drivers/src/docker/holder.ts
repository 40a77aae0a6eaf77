/** Holders of the docker runtime: a pause container without a network, whose namespace the agent wires. */
import type Docker from "dockerode";
import type { DriverOptions, Holder, Identity } from "../port.ts";
import { fromInspect, toCreateHolder } from "./convert.ts";
import { dockerError, settledAs, statusOf } from "./errors.ts";

/** Makes and starts it, or finds it as it is. A holder that ended has lost its namespace: the caller removes it first. */
export async function ensureHolder(
  docker: Docker,
  identity: Identity,
  options: DriverOptions,
): Promise<Holder> {
  const wanted = toCreateHolder(identity, options);
  const container = docker.getContainer(wanted.name ?? "");
  try {
    await docker.createContainer(wanted);
  } catch (cause) {
    if (statusOf(cause) !== 409) throw dockerError(`making the holder of ${identity.name}`, cause);
  }
  await settledAs([304], `starting the holder of ${identity.name}`, () => container.start());
  const found = fromInspect(await container.inspect());
  if (found?.role !== "holder" || !found.holder.running)
    throw dockerError(`starting the holder of ${identity.name}`, new Error("it does not run"));
  return found.holder;
}
