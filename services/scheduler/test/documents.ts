/** Documents that these tests ask a scheduler for: a network, a group of firewalls, a host. */

const metadata = (name: string) => ({ name, tenant: "demo" });

export const network = (name: string, subnet: string) => ({
  kind: "Network",
  metadata: metadata(name),
  spec: { subnets: [subnet] },
});

export const group = (replicas: number, more: object = {}) => ({
  kind: "FunctionGroup",
  metadata: metadata("fw"),
  spec: { function: "firewall", replicas, config: { default: "drop" }, ...more },
});

export const host = (name: string, command = "sleep") => ({
  kind: "Workload",
  metadata: metadata(name),
  spec: { command: [command], networks: [{ network: "inside" }] },
});
