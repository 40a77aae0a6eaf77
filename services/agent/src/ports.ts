/**
 * What the agent needs of the world, as interfaces: records, the switch, drivers, the bus's raw connection.
 * main.ts builds the real ones; tests build their own.
 */
import type { Bus, View } from "@weft/bus";
import type { Driver } from "@weft/drivers";
import type { Clock, Log, Signal } from "@weft/runtime";
import type { Records, Runtime } from "@weft/schemas";
import type { UplinkSwitch } from "./uplink/uplink-switch.ts";

/** A port of br-int that carries this node's marks. */
export interface FabricPort {
  /** Of the link, the Open vSwitch port and its interface alike. */
  readonly name: string;
  /** Name of the logical switch port. */
  readonly ifaceId: string;
  /** Uid of the placement that it belongs to. */
  readonly placement: string;
  /** Hash of the wiring that it is a part of; empty until that wiring is whole. */
  readonly wiring: string;
}

export interface SeenPort extends FabricPort {
  /** It is in br-int, its interface has the same marks, and the switch has opened its link as far as is known. */
  readonly sound: boolean;
}

export interface FabricIdentity {
  /** Name of the row in OVN's Chassis table. */
  readonly systemId: string;
  readonly ovsVersion: string;
}

/** The node's Open vSwitch. */
export interface Fabric {
  identity(): FabricIdentity;
  /** Ports with this node's marks; others are never shown, so never touched. */
  ports(): readonly SeenPort[];
  readonly changed: Signal;
  /** As parts of a wiring that is not whole yet. Returns the placements whose ports could not be added, each with the cause. */
  add(ports: readonly FabricPort[]): Promise<ReadonlyMap<string, unknown>>;
  /** Says that their wiring is whole. All in one transaction. */
  confirm(ports: readonly FabricPort[]): Promise<void>;
  remove(names: readonly string[]): Promise<void>;
  /** Cuts the node off: ovn-controller has no southbound database to follow any more. */
  leave(): Promise<void>;
  close(): Promise<void>;
}

export interface AgentViews {
  readonly placements: View<Records["placements"]>;
  readonly slots: View<Records["slots"]>;
  readonly realized: View<Records["realized"]>;
  readonly shims: View<Records["shims"]>;
  /** Of all nodes: where their tunnels end. */
  readonly nodes: View<Records["nodes"]>;
  /** Whether this node is a member. */
  readonly access: View<Records["access"]>;
}

export interface AgentPorts {
  readonly bus: Bus;
  readonly views: AgentViews;
  readonly fabric: Fabric;
  readonly uplinkSwitch: UplinkSwitch;
  readonly drivers: ReadonlyMap<Runtime, Driver>;
  readonly clock: Clock;
  readonly log: Log;
  /** `host:port` of this agent's /metrics; undefined: it serves none. */
  readonly metricsAt?: string | undefined;
}
