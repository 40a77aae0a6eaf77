/** A tenant of so many workloads: ten for each group, five on either side of its chain, each side a network of its own. Pure. */

export const tenant = "bench";
export const perGroup = 10;

export function groupName(index: number): string {
  return `group-${index}`;
}

export function workload(group: number, index: number) {
  const network = `${index % 2 === 0 ? "inside" : "outside"}-${group}`;
  const spec = { runtime: "namespace", command: ["sleep", "infinity"], networks: [{ network }] };
  return { kind: "Workload", metadata: { name: `workload-${group}-${index}`, tenant }, spec };
}

export function functionGroup(index: number, replicas: number) {
  const config = { default: "drop", rules: [] };
  const spec = { function: "firewall", runtime: "docker", replicas, config };
  return { kind: "FunctionGroup", metadata: { name: groupName(index), tenant }, spec };
}

/** One list for each group: what a request may hold bounds how many of them go together. */
export function documentsOf(group: number): object[] {
  const network = (side: string, third: number) => ({
    kind: "Network",
    metadata: { name: `${side}-${group}`, tenant },
    spec: { subnets: [`10.${third}.${group}.0/24`] },
  });
  const through = { from: `inside-${group}`, to: `outside-${group}`, through: [groupName(group)] };
  return [
    network("inside", 1),
    network("outside", 2),
    functionGroup(group, 1),
    {
      kind: "Chain",
      metadata: { name: `chain-${group}`, tenant },
      spec: { ...through, onFailure: "closed" },
    },
    ...Array.from({ length: perGroup }, (_, index) => workload(group, index)),
  ];
}
