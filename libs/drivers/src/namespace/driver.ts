/**
 * The namespace runtime: a placement is a named network namespace and, in it, a process on the host's file system.
 * Reads and writes its state files, /run/netns and cgroups; finds again what runs when the agent is started anew.
 */
import { everyTick } from "@weft/runtime";
import { WeftError } from "@weft/schemas";
import { usageOf } from "../cgroup.ts";
import type { Driver, DriverOptions, Ensured, Identity, InstanceSpec, Outcomes } from "../port.ts";
import { isAlive } from "../proc.ts";
import { endProcesses } from "./end.ts";
import { openExec } from "./exec.ts";
import { addNamespaces, deleteNamespaces, holderOf, namespacePath } from "./holder.ts";
import { instanceOf, startProcess } from "./instance.ts";
import { cgroupsOf, removeLimits } from "./limits.ts";
import { readLogs } from "./logs.ts";
import { StateFiles, namespaceName } from "./state-file.ts";

/** Processes that another agent started tell nobody when they end: they are looked at this often. */
const lookEveryMs = 1_000;
/** So many looks between two at the sizes of logs. */
const boundLogsEvery = 10;

export function createNamespaceDriver(options: DriverOptions): Driver {
  const files = new StateFiles(options);
  const watchers = new Set<() => void>();
  const changed = () => watchers.forEach((watcher) => watcher());
  const look = watchForEnds(files, changed);
  return {
    runtime: "namespace",
    list: () => Promise.resolve(files.all().map((state) => owned(state))),
    usage: ({ identity }) => usageOf(cgroupsOf(namespaceName(identity))),
    ensureHolders: (identities) => ensureHolders(identities, files),
    prepareInstances: () => Promise.resolve(),
    startInstance: (spec) => startInstance(spec, files, changed),
    async removeInstance(placement) {
      const state = files.get(placement);
      if (state === undefined) return;
      await endProcesses([state]);
      files.put({ identity: state.identity });
    },
    remove: (placements) => remove(placements, files),
    exec: (placement, request) => openExec(pathOf(placement, files), request),
    logs: (placement, request, write) => readLogs(files.logFile(placement), request, write),
    watch(watcher) {
      watchers.add(watcher);
      return { [Symbol.dispose]: () => void watchers.delete(watcher) };
    },
    close() {
      look[Symbol.dispose]();
      return Promise.resolve();
    },
  };
}

function owned(state: ReturnType<StateFiles["all"]>[number]) {
  const { identity } = state;
  const holder = holderOf(namespaceName(identity));
  const instance = instanceOf(state);
  return { identity, holder, ...(instance === undefined ? {} : { instance }) };
}

async function ensureHolders(identities: readonly Identity[], files: StateFiles): Promise<Outcomes<Ensured>> {
  for (const identity of identities) if (files.get(identity.placement) === undefined) files.put({ identity });
  const before = new Set(identities.map(namespaceName).filter((name) => holderOf(name).running));
  const failure = await settled(() => addNamespaces(identities.map(namespaceName)));
  return new Map(
    identities.map((identity) => {
      const name = namespaceName(identity);
      const ensured = { holder: holderOf(name), isNew: !before.has(name) };
      return [identity.placement, ensured.holder.running ? ensured : (failure ?? new Error("was not made"))];
    }),
  );
}

async function startInstance(spec: InstanceSpec, files: StateFiles, changed: () => void): Promise<void> {
  const state = files.get(spec.identity.placement);
  if (state?.process !== undefined && isAlive(state.process)) return;
  await startProcess(spec, files, changed);
}

async function remove(placements: readonly string[], files: StateFiles): Promise<Outcomes<true>> {
  const states = placements.flatMap((placement) => files.get(placement) ?? []);
  await endProcesses(states);
  const names = states.map(({ identity }) => namespaceName(identity));
  const failure = await settled(() => deleteNamespaces(names));
  const outcomes = new Map<string, true | Error>(placements.map((placement) => [placement, true]));
  for (const { identity } of states) {
    const name = namespaceName(identity);
    removeLimits(name);
    if (holderOf(name).running) outcomes.set(identity.placement, failure ?? new Error(`${name} stays`));
    else files.remove(identity.placement);
  }
  return outcomes;
}

function pathOf(placement: string, files: StateFiles): string {
  const state = files.get(placement);
  if (state === undefined || !holderOf(namespaceName(state.identity)).running)
    throw new WeftError("unavailable", "Its network namespace is not there.");
  return namespacePath(namespaceName(state.identity));
}

function watchForEnds(files: StateFiles, changed: () => void): Disposable {
  const alive = () => files.processes().flatMap((known) => (isAlive(known) ? [known.pid] : []));
  let before = alive().join();
  let looks = 0;
  return everyTick(lookEveryMs, () => {
    looks += 1;
    if (looks % boundLogsEvery === 0) files.boundLogs();
    const now = alive().join();
    if (now !== before) changed();
    before = now;
  });
}

async function settled(work: () => Promise<void>): Promise<Error | undefined> {
  try {
    await work();
    return undefined;
  } catch (cause) {
    return cause instanceof Error ? cause : new Error(String(cause));
  }
}
