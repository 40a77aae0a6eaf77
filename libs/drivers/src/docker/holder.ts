/** Holders of the docker runtime: a pause container without a network, whose namespace the agent wires. */
import type Docker from "dockerode";
import type { DriverOptions, Holder, Identity } from "../port.ts";
import { fromInspect, toCreateHolder } from "./convert.ts";
import { withDeadline } from "./deadline.ts";
import { dockerError, settledAs, statusOf } from "./errors.ts";

/** Makes and starts it, or finds it as it is. A holder that ended has lost its namespace: the caller removes it first. */
export async function ensureHolder(
  docker: Docker,
  identity: Identity,
  options: DriverOptions,
): Promise<Holder> {
  const wanted = toCreateHolder(identity, options);
  const container = docker.getContainer(wanted.name ?? "");
  const [making, starting] = [
    `making the holder of ${identity.name}`,
    `starting the holder of ${identity.name}`,
  ];
  try {
    await withDeadline(making, (abortSignal) => docker.createContainer({ ...wanted, abortSignal }));
  } catch (cause) {
    if (statusOf(cause) !== 409) throw dockerError(making, cause);
  }
  await settledAs([304], starting, (abortSignal) => container.start({ abortSignal }));
  const found = fromInspect(
    await withDeadline(starting, (abortSignal) => container.inspect({ abortSignal })),
  );
  if (found?.role !== "holder" || !found.holder.running)
    throw dockerError(starting, new Error("it does not run"));
  return found.holder;
}
