/** The programs of a lab, as they are found among the machine's processes: by their command line, in their network namespace. */

export interface LabProgram {
  readonly name: string;
  /** In its command line. */
  readonly text: string;
  readonly namespace?: string;
}

export const serviceNames = ["intent", "scheduler", "network-stitcher", "health", "gateway"] as const;

/** Of services both copies; Docker's daemon last, which may be somebody else's. */
export function labPrograms(nodes: readonly string[]): LabProgram[] {
  const onNodes = (name: string, text: string): LabProgram[] =>
    nodes.map((node) => ({ name: `${name} of ${node}`, text, namespace: `weft-${node}` }));
  return [
    ...serviceNames.map((name) => ({ name: `both copies of ${name}`, text: `services/${name}/src/main.ts` })),
    ...onNodes("the agent", "services/agent/src/main.ts"),
    { name: "NATS", text: "nats-server --config" },
    { name: "Consul", text: "consul agent" },
    { name: "the northbound database", text: "nb.sock" },
    { name: "the southbound database", text: "sb.sock" },
    { name: "ovn-northd", text: "ovn-northd " },
    ...onNodes("the database", "ovsdb-server "),
    ...onNodes("ovs-vswitchd", "ovs-vswitchd "),
    ...onNodes("ovn-controller", "ovn-controller "),
    { name: "Docker's daemon", text: "dockerd --host" },
  ];
}
