/**
 * A host joins, starts again, and leaves. Looks at the machine first, exchanges the token second and changes the host last,
 * so that a refusal changes nothing. What it did is written down before it is done, so `leaveHost` finds it all.
 */
import { lookup } from "node:dns/promises";
import { WeftClient } from "@weft/client";
import type { NodeRemoved } from "@weft/schemas";
import { WeftError } from "@weft/schemas";
import { logEnd, runInForeground, startInBackground, stopAgent } from "./agent-process.ts";
import { until } from "./command.ts";
import type { HostConfig } from "./host-config.ts";
import { forgetHost, readHostConfig, writeHostConfig } from "./host-config.ts";
import type { Machine } from "./machine.ts";
import { addressTowards, defaultName, inspectHost } from "./machine.ts";
import {
  configureOpenVswitch,
  externalId,
  refuseForeignOvn,
  restoreOpenVswitch,
  startController,
  startOpenVswitch,
  stopOpenVswitch,
} from "./open-vswitch.ts";
import { moveUplink, readUplink, restoreUplink } from "./uplink.ts";

const readyWithinMs = 60_000;
const woundDownWithinMs = 120_000;
const takenAwayWithinMs = 30_000;

export interface StartOptions {
  /** Resolves only when the agent has ended. */
  readonly foreground?: boolean;
  readonly onStep: (text: string) => void;
}

export interface JoinOptions extends StartOptions {
  readonly server: string;
  readonly token: string;
  readonly name?: string | undefined;
  readonly address?: string | undefined;
  readonly uplink?: string | undefined;
}

/** Resolves to the node's name once it is ready, or with the agent's exit code once that has ended. */
export async function joinHost(options: JoinOptions): Promise<{ node: string; exitCode: number }> {
  requireRoot("weft agent join");
  const before = readHostConfig();
  if (before !== undefined) return startAgain(before, options);
  const { server, token, uplink: link, onStep } = options;
  onStep("looking at this machine");
  const machine = await inspectHost();
  await refuseForeignOvn();
  const address = options.address ?? (await addressTowards(await addressOf(server)));
  const uplink = await uplinkFor(machine, link, address);
  const systemId = await externalId("system-id");
  onStep("joining");
  const name = options.name ?? defaultName();
  const joined = await new WeftClient({ url: server }).join({ token, name, address });
  const config: HostConfig = {
    server,
    joined,
    address,
    datapath: machine.datapath,
    runtimes: [...machine.runtimes],
    ...(uplink === undefined ? {} : { uplink }),
    ...(systemId === undefined ? {} : { systemId }),
    started: [],
  };
  writeHostConfig(config);
  return startHost(options);
}

/** A token is not needed a second time; another name would be another node. */
function startAgain(before: HostConfig, options: JoinOptions): Promise<{ node: string; exitCode: number }> {
  const { node } = before.joined;
  if (options.name !== undefined && options.name !== node)
    throw new WeftError("conflict", `This host joined as ${node} already: \`weft agent leave\` ends that.`);
  options.onStep(`this host joined as ${node} already: starting it`);
  return startHost(options);
}

/** Brings a host that joined up again, after a reboot or `stop`; running parts are left as they are. */
export async function startHost(options: StartOptions): Promise<{ node: string; exitCode: number }> {
  requireRoot("weft agent start");
  const config = await setUp(await stillMember(requireJoined(), options.onStep), options.onStep);
  const { node, credential, settings } = config.joined;
  warnOfSmallLinks(config, options.onStep, settings.underlayMtu);
  if (options.foreground === true) return { node, exitCode: await runInForeground(config) };
  options.onStep("starting the agent");
  const member = new WeftClient({ url: config.server, token: credential });
  const last = await incarnationOf(member);
  const started = startInBackground(config);
  // One that was stopped a moment ago still counts as ready: it is the agent just started that must be.
  const isReady = async () => {
    const { row, incarnation } = await member.member();
    return row?.state === "ready" && !(started && incarnation === last) ? true : undefined;
  };
  await until(`${node} is ready`, isReady, { withinMs: readyWithinMs, explain: logEnd });
  return { node, exitCode: 0 };
}

/** Of the agent that is ready now; null when there is none, or nobody can tell. */
async function incarnationOf(member: WeftClient): Promise<string | null> {
  try {
    return (await member.member()).incarnation;
  } catch (cause) {
    if (cause instanceof WeftError) return null;
    throw cause;
  }
}

/** With the settings as they are now. A gateway that does not answer keeps nobody from starting: the agent asks the bus itself. */
async function stillMember(config: HostConfig, onStep: (text: string) => void): Promise<HostConfig> {
  const { node, credential } = config.joined;
  try {
    const { settings } = await new WeftClient({ url: config.server, token: credential }).member();
    return { ...config, joined: { ...config.joined, settings } };
  } catch (cause) {
    if (!(cause instanceof WeftError)) throw cause;
    if (cause.code === "forbidden" || cause.code === "unauthorized")
      throw new WeftError(
        "forbidden",
        `The node ${node} was removed. \`weft agent leave\` puts this host back; then it can join anew.`,
        { cause },
      );
    onStep(`the gateway does not answer (${cause.message}): starting with what was known`);
    return config;
  }
}

async function setUp(config: HostConfig, onStep: (text: string) => void): Promise<HostConfig> {
  const { joined, address, datapath, uplink } = config;
  const { southbound, tunnel } = joined.settings;
  const note = (daemons: HostConfig["started"]) => {
    config.started.push(...daemons.filter((daemon) => !config.started.includes(daemon)));
    writeHostConfig(config);
  };
  onStep("setting Open vSwitch up");
  note(await startOpenVswitch(datapath));
  await configureOpenVswitch({ name: joined.node, address, southbound, tunnel, datapath });
  if (uplink !== undefined) await moveUplink(uplink);
  note(await startController());
  return config;
}

/** Ends the agent and nothing else: what runs on the node goes on. False when none ran. */
export async function stopHost(): Promise<boolean> {
  requireRoot("weft agent stop");
  return stopAgent();
}

export interface LeaveOptions {
  /** Does not wait until what stands here has moved, nor for a gateway that does not answer. */
  readonly force: boolean;
  readonly onStep: (text: string) => void;
}

/** The node is removed, what it carries moves, and the host is as it was before. */
export async function leaveHost({ force, onStep }: LeaveOptions): Promise<string> {
  requireRoot("weft agent leave");
  const config = requireJoined();
  const { node, credential } = config.joined;
  onStep(`removing ${node}`);
  const removed = await tellGateway(new WeftClient({ url: config.server, token: credential }), force);
  if (removed !== undefined && removed.carried.length > 0)
    onStep(`${removed.carried.length} instances move to other nodes`);
  await (force ? takeAllAway(config, onStep) : windDown(config));
  await stopAgent();
  onStep("putting Open vSwitch back");
  await restoreOpenVswitch(config);
  if (config.uplink !== undefined) await restoreUplink(config.uplink);
  await stopOpenVswitch(config);
  forgetHost();
  return node;
}

/** Undefined when it was removed before, by somebody else. */
async function tellGateway(member: WeftClient, force: boolean): Promise<NodeRemoved | undefined> {
  try {
    return await member.leave();
  } catch (error) {
    if (!(error instanceof WeftError)) throw error;
    const gone = error.code === "forbidden" || error.code === "unauthorized";
    const silent = error.code === "unavailable" || error.code === "timeout";
    if (gone || (force && silent)) return undefined;
    throw error;
  }
}

/** The agent cuts the node off from OVN once nothing is left on it; one that does not run is started for that. */
async function windDown(config: HostConfig): Promise<void> {
  if ((await cutOff()) === true) return;
  startInBackground(config);
  await until("what stands here has moved", cutOff, {
    withinMs: woundDownWithinMs,
    explain: () => `With --force this host leaves at once. ${logEnd()}`,
  });
}

/** An agent without a membership keeps out: it takes away all that runs here at once, and cuts the node off. */
async function takeAllAway(config: HostConfig, onStep: (text: string) => void): Promise<void> {
  if ((await externalId("ovn-remote")) === undefined) return;
  await stopAgent();
  startInBackground({ ...config, joined: { ...config.joined, uid: "left" } });
  await until("what runs here is taken away", cutOff, { withinMs: takenAwayWithinMs }).catch(() =>
    onStep("warning: the bus does not answer, so containers and namespaces of shards may still be here"),
  );
}

async function cutOff(): Promise<true | undefined> {
  return (await externalId("ovn-remote")) === undefined ? true : undefined;
}

function requireJoined(): HostConfig {
  const config = readHostConfig();
  if (config !== undefined) return config;
  throw new WeftError("not-found", "This host has not joined: `weft agent join` does that.");
}

function requireRoot(what: string): void {
  if (process.getuid?.() !== 0)
    throw new WeftError("forbidden", `\`${what}\` changes this host's network and must be run by root.`);
}

async function addressOf(server: string): Promise<string> {
  const name = new URL(server).hostname.replaceAll(/^\[|\]$/g, "");
  return (await lookup(name)).address;
}

/** In user space a tunnel can only end on a link that Open vSwitch has to itself. */
async function uplinkFor({ datapath }: Machine, link: string | undefined, address: string) {
  if (link === undefined && datapath === "netdev")
    throw new WeftError(
      "invalid-request",
      "This kernel has no openvswitch module, so tunnels end in user space and need a link: give --uplink.",
    );
  if (link === undefined) return undefined;
  if (datapath === "system")
    throw new WeftError("invalid-request", "Tunnels end in the kernel here: leave --uplink out.");
  const uplink = await readUplink(link);
  if (uplink.addresses.some((each) => each.startsWith(`${address}/`))) return uplink;
  throw new WeftError(
    "invalid-request",
    `The link ${link} does not have the address ${address}: the tunnels end there.`,
  );
}

/** Bigger packets than a link takes vanish without a word. */
function warnOfSmallLinks({ uplink }: HostConfig, onStep: (text: string) => void, wanted: number): void {
  if (uplink !== undefined && uplink.mtu < wanted)
    onStep(`warning: ${uplink.name} has MTU ${uplink.mtu}, the other nodes' links have ${wanted}`);
}
