import { describe, expect, it } from "vitest";
import type { ContainerInspectInfo } from "dockerode";
import type { InstanceSpec } from "../port.ts";
import { fromInspect, fromListed, toCreateHolder, toCreateInstance } from "./convert.ts";

const identity = { tenant: "demo", kind: "shard", name: "fw-0", placement: "0123456789ab" } as const;
const options = { node: "node-1", lab: "lab-1", stateDir: "/nowhere" };
const spec: InstanceSpec = {
  identity,
  spec: "s",
  image: "weft/firewall:dev",
  capabilities: ["NET_ADMIN"],
  limits: { cpu: 0.5, memory: 128 * 1024 ** 2 },
};

/** What a daemon answers, as far as we read it. */
function answered(
  labels: Record<string, string>,
  state: Partial<ContainerInspectInfo["State"]>,
): ContainerInspectInfo {
  const never = "0001-01-01T00:00:00Z";
  return {
    Id: "abc",
    Config: { Labels: labels },
    State: { Running: false, Pid: 0, StartedAt: never, FinishedAt: never, ExitCode: 0, ...state },
  } as unknown as ContainerInspectInfo;
}

describe("a container that is to be made", () => {
  it("has no network of Docker's, and no rights but those that its function needs", () => {
    const { HostConfig } = toCreateInstance(spec, options);
    expect(HostConfig).toMatchObject({
      NetworkMode: "container:weft-demo-fw-0-01234567-holder",
      CapDrop: ["ALL"],
      CapAdd: ["NET_ADMIN"],
      SecurityOpt: ["no-new-privileges"],
      NanoCpus: 5e8,
      Memory: 134_217_728,
    });
    expect(toCreateHolder(identity, options).HostConfig).toMatchObject({
      NetworkMode: "none",
      CapDrop: ["ALL"],
    });
  });

  it("keeps the image's own command unless one is given", () => {
    expect(toCreateInstance(spec, options)).not.toHaveProperty("Cmd");
    const { Entrypoint, Cmd } = toCreateInstance({ ...spec, command: ["sleep", "1"] }, options);
    expect([Entrypoint, Cmd]).toEqual([["sleep"], ["1"]]);
  });

  it("carries all marks of whose it is", () => {
    const { Labels } = toCreateInstance(spec, options);
    expect(Labels).toEqual({
      "weft.dev/node": "node-1",
      "weft.dev/lab": "lab-1",
      "weft.dev/tenant": "demo",
      "weft.dev/kind": "shard",
      "weft.dev/name": "fw-0",
      "weft.dev/placement": "0123456789ab",
      "weft.dev/role": "instance",
      "weft.dev/spec": "s",
    });
  });
});

describe("a container that is there", () => {
  const labels = toCreateInstance(spec, options).Labels ?? {};

  it("is known by its marks again", () => {
    const StartedAt = "2026-01-01T00:00:00.123456789Z";
    expect(fromInspect(answered(labels, { Running: true, Pid: 1, StartedAt }))).toEqual({
      identity,
      role: "instance",
      instance: { id: "abc", running: true, pid: 1, spec: "s", startedAt: StartedAt },
    });
  });

  it("tells how it ended", () => {
    const FinishedAt = "2026-01-01T00:00:01Z";
    expect(fromInspect(answered(labels, { FinishedAt, ExitCode: 137 }))).toMatchObject({
      instance: { running: false, finishedAt: FinishedAt, exitCode: 137 },
    });
  });

  it.each(["instance", "holder"])(
    "is the same by the list as by itself while it was never started: %s",
    (role) => {
      const own = { ...labels, "weft.dev/role": role };
      expect(fromListed({ Id: "abc", Labels: own })).toEqual(fromInspect(answered(own, {})));
      expect(fromListed({ Id: "abc", Labels: own })).toBeDefined();
    },
  );

  it("is none of ours without all marks", () => {
    expect(fromListed({ Id: "abc", Labels: { "weft.dev/node": "node-1" } })).toBeUndefined();
    expect(fromInspect(answered({ "weft.dev/node": "node-1" }, {}))).toBeUndefined();
    expect(fromInspect(answered({}, {}))).toBeUndefined();
  });
});
