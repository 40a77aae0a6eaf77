import { describe, expect, it } from "vitest";
import type { NamespaceContents } from "../wiring/namespace-script.ts";
import { factsInside } from "./facts.ts";
import { eventOf } from "./kernel-events.ts";
import { firstLost, insideScript, lookScript, readLook } from "./look-script.ts";

const contents: NamespaceContents = {
  interfaces: [
    {
      name: "in0",
      port: "p",
      segment: { kind: "inner", name: "fw" },
      mac: "0a:58:64:40:00:02",
      addresses: ["100.64.0.2/24", "fd77::0:2/64"],
      mtu: 1400,
    },
  ],
  routes: [
    { to: "100.64.1.0/24", via: "100.64.0.9", interface: "in0" },
    { to: "default4", via: "100.64.0.1", interface: "in0", arrivedOn: "in0" },
    { to: "default6", via: "fd77::1", interface: "in0" },
  ],
  sysctls: { "net/ipv4/conf/*/rp_filter": "0" },
  bandwidth: 500e6,
  checksumOffload: false,
};

const addresses = [
  { local: "100.64.0.2", prefixlen: 24 },
  { local: "fd77::2", prefixlen: 64 },
  { local: "fe80::858:64ff:fe40:2", prefixlen: 64 },
];
const link = (more: object = {}) => ({
  ifname: "in0",
  flags: ["BROADCAST", "UP"],
  mtu: 1400,
  address: "0a:58:64:40:00:02",
  addr_info: addresses,
  ...more,
});
const routes = [
  { dst: "100.64.1.0/24", gateway: "100.64.0.9", dev: "in0" },
  { dst: "default", gateway: "100.64.0.1", dev: "in0", table: "100" },
  { dst: "default", gateway: "fd77::1", dev: "in0", metric: 1024 },
];
const rules = [{ priority: 100, iif: "in0", table: "100" }];
const sysctls: Readonly<Record<string, string>> = {
  "ipv4/conf/in0/arp_notify": "1",
  "ipv4/neigh/in0/retrans_time_ms": "200",
  "ipv6/conf/in0/disable_ipv6": "0",
  "ipv6/conf/in0/ndisc_notify": "1",
  "ipv6/neigh/in0/retrans_time_ms": "200",
  "ipv6/conf/in0/accept_ra": "0",
  "ipv6/conf/in0/accept_dad": "0",
  "ipv4/conf/all/rp_filter": "0",
  "ipv4/conf/default/rp_filter": "0",
  "ipv4/conf/in0/rp_filter": "0",
};

interface Change {
  readonly link?: object;
  readonly routes?: readonly object[];
  readonly rules?: readonly object[];
  readonly shaping?: readonly object[];
}

/** What a look at a namespace answers that is as its wiring made it, but for what is given. */
function answer(change: Change = {}): string {
  const lo = { ifname: "lo", flags: ["LOOPBACK", "UP"], mtu: 65536, address: "", addr_info: [] };
  const rate = { kind: "tbf", dev: "in0", root: true, options: { rate: 62_500_000 } };
  const together = [[lo, change.link ?? link()], change.routes ?? routes, change.rules ?? rules];
  const sections = {
    rules6: rules,
    shaping: change.shaping ?? [rate],
  };
  return [
    "@of a 0",
    "@links+routes+rules4",
    ...together.map((json) => JSON.stringify(json)),
    ...Object.entries(sections).flatMap(([name, json]) => [`@${name}`, JSON.stringify(json), ""]),
    "@sysctls",
    ...Object.entries(sysctls).map(([file, value]) => `/proc/sys/net/${file}:${value}`),
  ].join("\n");
}

function missing(text: string): string[] {
  const { facts = new Set() } = readLook(text).get("a 0") ?? {};
  return factsInside(contents).filter((fact) => !facts.has(fact));
}

describe("a namespace that is as its wiring made it", () => {
  it("lacks nothing, and what else is there is nobody's fault", () => {
    expect(missing(answer())).toEqual([]);
    const more = { dst: "192.0.2.0/24", dev: "in0" };
    expect(missing(answer({ routes: [more, { dst: "default", dev: "lo" }, ...routes] }))).toEqual([]);
  });
});

describe("a namespace from which something was taken", () => {
  it.each<[string, Change, string]>([
    ["an address", { link: link({ addr_info: addresses.slice(1) }) }, "in0 has 100.64.0.2/24"],
    ["a link's state", { link: link({ flags: [] }) }, "in0 is up"],
    ["the MTU", { link: link({ mtu: 1500 }) }, "in0 has mtu 1400"],
    ["the MAC", { link: link({ address: "02:00:00:00:00:01" }) }, "in0 has address 0a:58:64:40:00:02"],
    ["a route", { routes: routes.slice(1) }, "route 100.64.1.0/24 via 100.64.0.9/32 dev in0 table main"],
    ["a rule", { rules: [] }, "rule of IPv4 iif in0 table 100"],
    ["the bandwidth's bound", { shaping: [] }, "in0 passes 62500000 bytes a second"],
  ])("lacks %s, and no more", (_, change, wanted) => {
    expect(missing(answer(change))).toEqual([wanted]);
  });

  it("lacks a sysctl that was set", () => {
    expect(missing(answer().replace("in0/rp_filter:0", "in0/rp_filter:1"))).toEqual([
      "sysctl net/ipv4/conf/in0/rp_filter=0",
    ]);
  });
});

describe("a look", () => {
  it("asks only what the wiring set", () => {
    const plain = insideScript({ ...contents, routes: [], bandwidth: undefined });
    expect(plain).not.toMatch(/rule show|tc /);
    expect(insideScript(contents)).toMatch(/\\nrule show.*-6 rule show.*tc -j/s);
  });

  it("quotes what runs inside, says whose answer comes, and asks a function where it is", () => {
    const path = "/run/netns/x";
    const text = lookScript([
      { id: "b 0", namespacePath: path, script: "echo 'x'", rules: ["nft", "list"] },
      { id: "c 0", namespacePath: path, rules: ["nft", "list"] },
    ]);
    const inside = `nsenter --net=${path} -- `;
    const asked = `[ -e ${path} ] && { echo @function; ${inside}nft list; echo @end; }`;
    const quoted = `${inside}sh -c 'echo '\\''x'\\'''`;
    expect(text.split("\n")).toEqual(["echo '@of b 0'", quoted, asked, "echo '@of c 0'", asked]);
  });

  it("leaves out a namespace that did not answer, and keeps rules that are gone as none", () => {
    const found = readLook("@of a 0\n@of b 0\n@function\n@end\n@of c 0\n@function\ntable x {\n}\n@end");
    expect([...found].map(([id, { rules: lines }]) => [id, lines])).toEqual([
      ["b 0", []],
      ["c 0", ["table x {", "}"]],
    ]);
  });
});

describe("rules in force", () => {
  const loaded = ["table {", "  chain a {", "    accept", "  }", "  chain b {", "    accept", "  }", "}"];
  it.each([
    ["are whole as they were loaded", loaded, undefined],
    ["are whole with a line of somebody else's", loaded.toSpliced(2, 0, "    counter drop"), undefined],
    ["lack a line that is gone, though there is another like it", loaded.toSpliced(5, 1), "accept"],
    ["lack all when the table is gone", [], "table {"],
  ])("%s", (_, now, wanted) => {
    expect(firstLost(loaded, now)).toBe(wanted);
  });
});

describe("a line of the kernel's events", () => {
  it.each([
    ["[nsid 3][ADDR]Deleted 2: net0    inet 10.1.0.1/24 scope global net0", { where: 3, lost: true }],
    ["[nsid 3][ADDR]2: net0    inet 10.1.0.1/24 scope global net0", undefined],
    ["[nsid 12][ROUTE]Deleted 10.9.2.0/24 dev net0", { where: 12, lost: true }],
    ["[nsid 1][RULE]Deleted 100:\tfrom all iif in0 lookup 100", { where: 1, lost: true }],
    [
      "[nsid current][LINK]Deleted 6: weft-46c1745670: <BROADCAST,MULTICAST> mtu 1400",
      { where: { link: "weft-46c1745670" }, lost: true },
    ],
    [
      "[nsid current][LINK]3: weft-46c1745670@if2: <BROADCAST,UP> mtu 1400 state UP",
      { where: { link: "weft-46c1745670" }, lost: false },
    ],
    ["[nsid current][ROUTE]Deleted 10.9.2.0/24 dev br-phy", undefined],
    ["[nsid 2][LINK]2: in0@weft: <BROADCAST,MULTICAST> mtu 1400 state DOWN", { where: 2, lost: false }],
    ["something else", undefined],
  ])("says where something was lost or changed (%#)", (line, event) => {
    expect(eventOf(line)).toEqual(event);
  });
});
