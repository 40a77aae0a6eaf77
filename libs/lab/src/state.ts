/**
 * state.json: what a lab is and how far it came. Written by its supervisor alone, whole and by renaming;
 * read by everybody who asks (`weft up`, `weft down`, tests).
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import type { LabLayout } from "./layout.ts";

export const LabNode = z.object({
  name: z.string(),
  address: z.string().describe("tunnel address, on br-phy"),
  namespace: z.string(),
  ovsdb: z.string().describe("unix:… of the node's ovsdb-server"),
  datapath: z.enum(["system", "netdev"]),
});
export type LabNode = z.infer<typeof LabNode>;

/** Where to reach what runs. A key that is absent has nothing listening. */
export const LabEndpoints = z.object({
  nats: z.string(),
  consul: z.string(),
  gateway: z.string().optional(),
  gateways: z.array(z.string()).optional().describe("of every copy, the one of `gateway` first"),
  northbound: z.string(),
  southbound: z.string(),
  nodes: z.array(LabNode),
  tokenFile: z.string(),
});
export type LabEndpoints = z.infer<typeof LabEndpoints>;

export const LabPhase = z.enum(["starting", "ready", "stopping"]);
export type LabPhase = z.infer<typeof LabPhase>;

export const LabState = z.object({
  id: z.string(),
  phase: LabPhase,
  step: z.string().describe("what it is at, for people"),
  supervisor: z.object({ pid: z.number().int(), startTime: z.string() }),
  nodes: z.number().int(),
  services: z.boolean(),
  docker: z.enum(["found", "ours"]).optional(),
  startedAt: z.iso.datetime(),
  readyAt: z.iso.datetime().optional(),
  endpoints: LabEndpoints.optional(),
});
export type LabState = z.infer<typeof LabState>;

/** The state of the lab in a folder; undefined when there is none, or what stands there is cut off or foreign. */
export function readState(lab: LabLayout): LabState | undefined {
  try {
    return LabState.parse(JSON.parse(readFileSync(lab.stateFile, "utf8")));
  } catch {
    return undefined;
  }
}

export function writeState(lab: LabLayout, state: LabState): void {
  mkdirSync(path.dirname(lab.stateFile), { recursive: true });
  const fresh = `${lab.stateFile}.new`;
  writeFileSync(fresh, `${JSON.stringify(state, null, 2)}\n`);
  renameSync(fresh, lab.stateFile);
}
