/** The copies of a service as Consul knows them: which process each is, and which of them leads. */
import { labStatus } from "@weft/lab";
import { listServices } from "@weft/consul";

export interface Copy {
  readonly id: string;
  readonly pid: number;
  readonly leader: boolean;
}

/** Those that are alive. */
export async function copies(service: string): Promise<Copy[]> {
  const url = labStatus()?.endpoints?.consul;
  if (url === undefined) throw new Error("no lab is up");
  const found = await listServices(url, { name: service });
  return found
    .filter(({ state }) => state === "passing")
    .map(({ id, meta, leader }) => ({ id, pid: Number(meta["pid"]), leader }));
}

export async function activeCopy(service: string): Promise<Copy> {
  const leader = (await copies(service)).find((copy) => copy.leader);
  if (leader === undefined) throw new Error(`no copy of ${service} leads`);
  return leader;
}

export async function isFollower(service: string, id: string): Promise<boolean> {
  return (await copies(service)).some((copy) => copy.id === id && !copy.leader);
}
