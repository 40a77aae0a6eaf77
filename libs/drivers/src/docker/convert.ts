/**
 * The one pair of converters between Docker's shapes and ours: `toCreate…` on the way in, `fromInspect` on the way out.
 * Pure, but for the inode of a namespace. Nothing else in Weft knows what a container looks like.
 */
import { statSync } from "node:fs";
import type { ContainerCreateOptions, ContainerInfo, ContainerInspectInfo } from "dockerode";
import { identityOf, labels, labelsOf } from "../labels.ts";
import type { Role } from "../labels.ts";
import type { DriverOptions, Holder, Identity, Instance, InstanceSpec } from "../port.ts";

export const holderImage = "weft/holder:dev";
const neverTime = "0001-01-01T00:00:00Z";

/** Unique over all nodes that share a daemon: the uid is new for every placing. */
export function containerName(identity: Identity, role: Role): string {
  const base = `weft-${identity.tenant}-${identity.name}-${identity.placement.slice(0, 8)}`;
  return role === "holder" ? `${base}-holder` : base;
}

export function toCreateHolder(identity: Identity, options: DriverOptions): ContainerCreateOptions {
  return {
    name: containerName(identity, "holder"),
    Image: holderImage,
    Hostname: identity.name.slice(0, 63),
    Labels: labelsOf(identity, "holder", options),
    // Docker then makes a bare namespace; for its network `none` it runs itself once more, which takes 100 ms. A workload
    // pays that for the /etc/hosts that comes with it.
    NetworkDisabled: identity.kind === "shard",
    HostConfig: {
      NetworkMode: "none",
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges"],
      LogConfig: { Type: "none", Config: {} },
    },
  };
}

export function toCreateInstance(spec: InstanceSpec, options: DriverOptions): ContainerCreateOptions {
  const { identity, command, limits } = spec;
  const isFunction = identity.kind === "shard";
  return {
    name: containerName(identity, "instance"),
    Image: spec.image ?? "",
    ...(command === undefined ? {} : { Entrypoint: command.slice(0, 1), Cmd: command.slice(1) }),
    Labels: { ...labelsOf(identity, "instance", options), [labels.spec]: spec.spec },
    HostConfig: {
      // By name: Docker looks for it when the container starts, so it may be made before its holder is.
      NetworkMode: `container:${containerName(identity, "holder")}`,
      // A function gets what it needs and nothing else; a workload is a host like any container.
      ...(isFunction ? { CapDrop: ["ALL"], CapAdd: [...spec.capabilities] } : {}),
      SecurityOpt: ["no-new-privileges"],
      LogConfig: { Type: "json-file", Config: { "max-size": "10m", "max-file": "1" } },
      ...(limits.cpu === undefined ? {} : { NanoCpus: Math.round(limits.cpu * 1e9) }),
      ...(limits.memory === undefined ? {} : { Memory: Math.round(limits.memory) }),
    },
  };
}

export type FromInspect =
  | { readonly identity: Identity; readonly role: "holder"; readonly holder: Holder }
  | { readonly identity: Identity; readonly role: "instance"; readonly instance: Instance };

/** Undefined for a container that does not carry our marks. */
export function fromInspect(found: ContainerInspectInfo): FromInspect | undefined {
  const own = found.Config.Labels;
  const identity = identityOf(own);
  const role = own[labels.role];
  if (identity === undefined) return undefined;
  if (role === "holder") return { identity, role, holder: holderFrom(found) };
  if (role === "instance") return { identity, role, instance: instanceFrom(found) };
  return undefined;
}

/** One that was never started is known from the daemon's list. Asked for by itself it answers only once its start is over, if that is on. */
export function fromListed({
  Id: id,
  Labels: own,
}: Pick<ContainerInfo, "Id" | "Labels">): FromInspect | undefined {
  const identity = identityOf(own);
  const role = own[labels.role];
  if (identity === undefined) return undefined;
  if (role === "holder") return { identity, role, holder: { id, running: false } };
  if (role !== "instance") return undefined;
  return { identity, role, instance: { id, running: false, spec: own[labels.spec] ?? "" } };
}

function holderFrom({ Id: id, State: { Running, Pid } }: ContainerInspectInfo): Holder {
  if (!Running || Pid === 0) return { id, running: false };
  const namespacePath = `/proc/${Pid}/ns/net`;
  const inode = inodeOf(namespacePath);
  return {
    id,
    running: true,
    namespacePath,
    namespaceRef: String(Pid),
    ...(inode === undefined ? {} : { namespaceInode: inode }),
  };
}

function instanceFrom({ Id: id, State, Config }: ContainerInspectInfo): Instance {
  const ended = !State.Running && State.FinishedAt !== neverTime;
  return {
    id,
    running: State.Running,
    ...(State.Running && State.Pid > 0 ? { pid: State.Pid } : {}),
    spec: Config.Labels[labels.spec] ?? "",
    ...(State.StartedAt === neverTime ? {} : { startedAt: State.StartedAt }),
    ...(ended ? { finishedAt: State.FinishedAt, exitCode: State.ExitCode } : {}),
  };
}

function inodeOf(path: string): number | undefined {
  try {
    return statSync(path).ino;
  } catch {
    return undefined; // it ended since Docker said that it runs
  }
}
