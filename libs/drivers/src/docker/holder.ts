/** Holders of the docker runtime: a pause container without a network, whose namespace the agent wires. */
import type Docker from "dockerode";
import type { DriverOptions, Ensured, Identity } from "../port.ts";
import { fromInspect, toCreateHolder } from "./convert.ts";
import { withDeadline } from "./deadline.ts";
import { dockerError, statusOf } from "./errors.ts";

/** Makes and starts it, or finds it as it is. A holder that ended has lost its namespace: the caller removes it first. */
export async function ensureHolder(
  docker: Docker,
  identity: Identity,
  options: DriverOptions,
): Promise<Ensured> {
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
  const isNew = await isStartedNow(container, starting);
  const found = fromInspect(
    await withDeadline(starting, (abortSignal) => container.inspect({ abortSignal })),
  );
  if (found?.role !== "holder" || !found.holder.running)
    throw dockerError(starting, new Error("it does not run"));
  return { holder: found.holder, isNew };
}

/** False where it ran already. */
async function isStartedNow(container: Docker.Container, doing: string): Promise<boolean> {
  try {
    await withDeadline(doing, (abortSignal) => container.start({ abortSignal }));
    return true;
  } catch (cause) {
    if (statusOf(cause) === 304) return false;
    throw dockerError(doing, cause);
  }
}
