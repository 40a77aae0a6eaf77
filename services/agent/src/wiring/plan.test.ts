import { describe, expect, it } from "vitest";
import { placedShard } from "@weft/testkit";
import { linkName, linkNames, probeNamespaces } from "./names.ts";
import { planWiring } from "./plan.ts";
import { endingsIn } from "./in-namespaces.ts";
import { failuresIn } from "./wire.ts";

const face = (name: string, address: string, more: readonly string[] = []) => ({
  name,
  port: `weft.demo.shard.fw-0.${name}`,
  segment: { kind: "inner" as const, name: "fw" },
  mac: "0a:58:64:40:00:02",
  addresses: [address, ...more],
  mtu: 1400,
});

const shard = placedShard({
  uid: "uid-1",
  resources: { bandwidth: 50e6 },
  interfaces: [face("in0", "100.64.0.2/24", ["fd77::2/64"]), face("out0", "100.64.1.2/24")],
  routes: [
    { to: "100.64.1.0/24", interface: "out0", arrivedOn: "in0" },
    { to: "default4", via: "100.64.1.1", interface: "out0", arrivedOn: "in0" },
    { to: "default4", via: "100.64.0.1", interface: "in0", arrivedOn: "out0" },
    { to: "default6", via: "fd77::1", interface: "in0" },
  ],
  probe: {
    inner: face("probe-in", "100.64.0.128/32"),
    innerRoutes: [{ to: "100.64.1.128", via: "100.64.0.2", interface: "probe-in" }],
    outer: face("probe-out", "100.64.1.128/32"),
    outerRoutes: [{ to: "100.64.0.128", via: "100.64.1.2", interface: "probe-out" }],
    targets: ["100.64.1.128"],
  },
});
const context = {
  namespaceRef: "4711",
  namespacePath: "/proc/4711/ns/net",
  wiringHash: "h",
  sysctls: { "net/ipv4/conf/*/rp_filter": "0" },
  checksumOffload: false,
  opened: false,
};
const plan = planWiring(shard, context);
const script = (index: number) => plan.inside[index]?.script ?? "";

describe("the wiring of a shard", () => {
  it("is four links, each moved into its namespace as it is made, with names that a kernel takes", () => {
    expect(plan.links.map(({ lines }) => / netns (\S+)$/.exec(lines[0] ?? "")?.[1])).toEqual([
      "4711",
      "4711",
      probeNamespaces("uid-1").inner,
      probeNamespaces("uid-1").outer,
    ]);
    for (const { name } of plan.links) expect(name).toMatch(/^weft-[0-9a-f]{10}$/);
    expect(plan.links.map(({ name }) => name)).toEqual(linkNames(shard));
  });

  it("gives each port of the switch the name that its logical port has", () => {
    expect(plan.ports.map(({ ifaceId }) => ifaceId)).toEqual([
      "weft.demo.shard.fw-0.in0",
      "weft.demo.shard.fw-0.out0",
      "weft.demo.shard.fw-0.probe-in",
      "weft.demo.shard.fw-0.probe-out",
    ]);
  });

  it("routes by the interface of arrival, in a table for each", () => {
    expect(script(0)).toContain("route replace 100.64.1.0/24 dev out0 table 100\n");
    expect(script(0)).toContain("route replace 0.0.0.0/0 via 100.64.1.1 dev out0 onlink table 100\n");
    expect(script(0)).toContain("route replace 0.0.0.0/0 via 100.64.0.1 dev in0 onlink table 101\n");
    expect(script(0)).toContain("route replace ::/0 via fd77::1 dev in0 onlink\n");
    for (const rule of ["iif in0 table 100 priority 100\n", "iif out0 table 101 priority 101\n"])
      expect(script(0)).toContain(`rule add ${rule}`);
  });

  it("can be done twice in one namespace: rules of an earlier time go first", () => {
    const rule = "iif in0 table 100 priority 100\n";
    const again = `rule flush ${rule}rule add ${rule}`;
    expect(script(0).split(again).length).toBe(3); // once for each family
    expect(script(0).split(rule).length).toBe(5);
  });

  it("sets sysctls while the links are still down", () => {
    expect(script(0).indexOf("rp_filter")).toBeLessThan(script(0).indexOf("link set in0 up"));
  });

  it("forwards nothing until rules are loaded, whatever the machine's setting is", () => {
    for (const file of ["ipv4/ip_forward", "ipv6/conf/all/forwarding"]) {
      const off = script(0).indexOf(`/proc/sys/net/${file}; do echo '0'`);
      expect(off).toBeGreaterThan(0);
      expect(off).toBeLessThan(script(0).indexOf("link set in0 up"));
    }
  });

  it("goes on forwarding when it is wired again and its rules are live", () => {
    const again = planWiring(shard, { ...context, opened: true }).inside[0]?.script;
    expect(again).not.toContain("forward");
  });

  it("turns IPv6 off where there is no IPv6 address", () => {
    expect(script(0)).toContain("echo '0' > \"$file\"; done");
    expect(script(1)).toContain("/proc/sys/net/ipv6/conf/probe-in/disable_ipv6; do echo '1'");
  });

  it("bounds both ends of the shard's links, and not the probe's", () => {
    const tbf = /qdisc replace dev \S+ root tbf rate 50000000bit/;
    expect(plan.links.map(({ shaping }) => tbf.test(shaping ?? ""))).toEqual([true, true, false, false]);
    expect(script(0)).toMatch(tbf);
    expect(script(1)).not.toMatch(tbf);
  });

  it("lets the stack compute checksums unless the kernel switches", () => {
    expect(script(0)).toContain("ethtool -K in0 tx off");
    const inKernel = planWiring(shard, { ...context, checksumOffload: true });
    expect(inKernel.inside[0]?.script).not.toContain("ethtool");
  });

  it("refuses a name that would leave its place in a script", () => {
    const bad = { ...shard, interfaces: [{ ...face("in0", "100.64.0.2/24"), name: "in0;reboot" }] };
    expect(() => planWiring(bad, context)).toThrow(/not an interface's name/);
    const route = { ...shard, routes: [{ to: "0.0.0.0/0; x", interface: "in0" }] };
    expect(() => planWiring(route, context)).toThrow(/not a/);
  });

  it("never shares a name with another placing of the same shard", () => {
    expect(linkName("uid-2", face("in0", ""))).not.toBe(linkName("uid-1", face("in0", "")));
  });
});

describe("what `ip -force -batch` says", () => {
  it("is led back to the lines that failed", () => {
    const said = "RTNETLINK answers: File exists\nCommand failed -:3\nError: bad\nmore\nCommand failed -:7\n";
    expect(failuresIn(said)).toEqual([
      { lineNumber: 3, words: "RTNETLINK answers: File exists" },
      { lineNumber: 7, words: "Error: bad; more" },
    ]);
  });
});

describe("what shells say of the namespaces that they entered", () => {
  it("is led back to the script that said it, and one that was not reached is missing", () => {
    const said = "weft-done 0\nCannot find device\nCommand failed -:2\nweft-failed 2\nweft-done 4\nhalf";
    expect([...endingsIn(said)]).toEqual([
      [0, { failed: false, words: "" }],
      [2, { failed: true, words: "Cannot find device; Command failed -:2" }],
      [4, { failed: false, words: "" }],
    ]);
  });
});
