/**
 * The docker runtime: a placement is a holder container without a network and an instance that joins its namespace.
 * Reads and writes what carries this node's labels in the daemon; pulls nothing: an image that is not there is an error.
 */
import Docker from "dockerode";
import type { CgroupPaths } from "../cgroup.ts";
import { cgroupsOfProcess, noUsage, usageOf } from "../cgroup.ts";
import type {
  Driver,
  DriverOptions,
  Holder,
  Identity,
  InstanceSpec,
  Outcomes,
  Owned,
  Usage,
} from "../port.ts";
import { labels, ownFilter } from "../labels.ts";
import { containerName, fromInspect, fromListed, toCreateInstance } from "./convert.ts";
import { withDeadline } from "./deadline.ts";
import { dockerError, settledAs, statusOf } from "./errors.ts";
import { openExec } from "./exec.ts";
import { ensureHolder } from "./holder.ts";
import { readLogs } from "./logs.ts";
import { watchEvents } from "./watch.ts";

export function createDockerDriver(options: DriverOptions & { readonly socketPath: string }): Driver {
  const docker = new Docker({ socketPath: options.socketPath });
  const instanceContainer = async (placement: string) => {
    const ids = await find(docker, options, placement, "instance");
    return docker.getContainer(ids[0] ?? placement);
  };
  return {
    runtime: "docker",
    list: () => list(docker, options),
    usage: ({ instance }) => usageOfContainer(instance),
    ensureHolders: (identities) =>
      each(identities.map((identity) => [identity.placement, () => ensureHolder(docker, identity, options)])),
    prepareInstances: async (specs) =>
      void (await Promise.allSettled(specs.map((spec) => makeInstance(docker, spec, options)))),
    startInstance: (spec) => startInstance(docker, spec, options),
    removeInstance: async (placement) =>
      removeAll(docker, await find(docker, options, placement, "instance")),
    remove: (placements) =>
      each(placements.map((placement) => [placement, () => removePlacement(docker, options, placement)])),
    exec: async (placement, request) => openExec(await instanceContainer(placement), request),
    logs: async (placement, request, write) => readLogs(await instanceContainer(placement), request, write),
    watch: (changed) => watchEvents(docker, options, changed),
    close: () => Promise.resolve(),
  };
}

/** Of instances as they were listed: their cgroups stay the same. */
const cgroups = new WeakMap<NonNullable<Owned["instance"]>, CgroupPaths>();

/** A process id may be somebody else's by now: the container's own cgroup has its id in its name. */
function usageOfContainer(instance: Owned["instance"]): Usage {
  if (instance?.pid === undefined) return noUsage;
  const paths = cgroups.get(instance) ?? cgroupsOfProcess(instance.pid);
  const own = paths.cpuacct ?? paths.memory ?? paths.unified;
  if (own?.includes(instance.id) !== true) return noUsage;
  cgroups.set(instance, paths);
  return usageOf(paths);
}

async function list(docker: Docker, options: DriverOptions): Promise<Owned[]> {
  const all = await Promise.all((await listed(docker, ownFilter(options))).map((each) => look(docker, each)));
  const found = new Map<string, { identity: Identity; holder?: Holder; instance?: Owned["instance"] }>();
  for (const part of all) {
    if (part === undefined) continue;
    const known = found.get(part.identity.placement) ?? { identity: part.identity };
    found.set(part.identity.placement, {
      ...known,
      ...(part.role === "holder" ? { holder: part.holder } : { instance: part.instance }),
    });
  }
  return [...found.values()].map(({ identity, holder, instance }) => ({
    identity,
    ...(holder === undefined ? {} : { holder }),
    ...(instance === undefined ? {} : { instance }),
  }));
}

async function look(docker: Docker, listed: Docker.ContainerInfo) {
  return listed.State === "created" ? fromListed(listed) : inspect(docker, listed.Id);
}

async function inspect(docker: Docker, id: string) {
  const doing = "looking at a container";
  try {
    const container = docker.getContainer(id);
    return fromInspect(await withDeadline(doing, (abortSignal) => container.inspect({ abortSignal })));
  } catch (cause) {
    if (statusOf(cause) === 404) return undefined; // removed since it was listed
    throw dockerError(doing, cause);
  }
}

/** One that is there already stays as it is: it was prepared, or ended before. */
async function makeInstance(docker: Docker, spec: InstanceSpec, options: DriverOptions): Promise<void> {
  const wanted = toCreateInstance(spec, options);
  const doing = `making ${spec.identity.name}`;
  await settledAs([409], doing, (abortSignal) => docker.createContainer({ ...wanted, abortSignal }));
}

/** It was prepared, mostly: only where there is none, one is made first. */
async function startInstance(docker: Docker, spec: InstanceSpec, options: DriverOptions): Promise<void> {
  const { identity } = spec;
  const doing = `starting ${identity.name}`;
  const container = docker.getContainer(containerName(identity, "instance"));
  const start = () => withDeadline(doing, (abortSignal) => container.start({ abortSignal }));
  try {
    await start();
  } catch (cause) {
    if (statusOf(cause) === 304) return; // it runs already
    if (statusOf(cause) !== 404) throw dockerError(doing, cause);
    await makeInstance(docker, spec, options);
    await settledAs([304], doing, start);
  }
}

/** The instance goes first: it lives in the holder's namespace. */
async function removePlacement(docker: Docker, options: DriverOptions, placement: string): Promise<true> {
  await removeAll(docker, await find(docker, options, placement, "instance"));
  await removeAll(docker, await find(docker, options, placement, "holder"));
  return true;
}

async function removeAll(docker: Docker, ids: readonly string[]): Promise<void> {
  await Promise.all(
    ids.map((id) =>
      settledAs([404, 409], "removing a container", (abortSignal) =>
        docker.getContainer(id).remove({ force: true, v: true, abortSignal }),
      ),
    ),
  );
}

async function find(
  docker: Docker,
  options: DriverOptions,
  placement?: string,
  role?: "holder" | "instance",
): Promise<string[]> {
  const label = [
    ...ownFilter(options),
    ...(placement === undefined ? [] : [`${labels.placement}=${placement}`]),
    ...(role === undefined ? [] : [`${labels.role}=${role}`]),
  ];
  return (await listed(docker, label)).map(({ Id }) => Id);
}

async function listed(docker: Docker, label: string[]): Promise<Docker.ContainerInfo[]> {
  const doing = "listing containers";
  try {
    return await withDeadline(doing, (abortSignal) =>
      docker.listContainers({ all: true, filters: { label }, abortSignal }),
    );
  } catch (cause) {
    throw dockerError(doing, cause);
  }
}

async function each<T>(work: readonly (readonly [string, () => Promise<T>])[]): Promise<Outcomes<T>> {
  const done = await Promise.allSettled(work.map(([, run]) => run()));
  const outcomes = new Map<string, T | Error>();
  work.forEach(([placement], index) => {
    const outcome = done[index];
    if (outcome?.status === "fulfilled") outcomes.set(placement, outcome.value);
    else outcomes.set(placement, outcome?.reason instanceof Error ? outcome.reason : new Error("failed"));
  });
  return outcomes;
}
