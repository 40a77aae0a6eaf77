/**
 * Everything that Weft needs of a machine, in one table for each way in which it is had.
 * Reads and writes nothing: doctor.mjs probes these rows, install.mjs mends what lacks.
 * A new requirement is one more row here and nothing elsewhere.
 */

/** The oldest Node that can run the set-up; the services run on the one that npm installs. */
export const systemNode = "20";

/**
 * System packages: `programs` are what must be found on the PATH for the package to count as there. `on` names the
 * package of releases that have it under another name, by VERSION_CODENAME. Docker's daemon: doctor.mjs, since one
 * that answers is enough.
 */
export const systemPackages = [
  { name: "openvswitch-switch", programs: ["ovsdb-server", "ovs-vswitchd", "ovs-vsctl", "ovsdb-tool"] },
  { name: "openssl", programs: ["openssl"] },
  { name: "ovn-central", programs: ["ovn-northd"] },
  { name: "ovn-common", programs: ["ovn-nbctl", "ovn-sbctl"] },
  { name: "ovn-host", programs: ["ovn-controller"] },
  { name: "nftables", programs: ["nft"] },
  { name: "conntrack", programs: ["conntrack"] },
  { name: "iproute2", programs: ["ip", "tc", "ss"] },
  { name: "ethtool", programs: ["ethtool"] },
  { name: "iputils-ping", programs: ["ping"] },
  { name: "procps", programs: ["ps"] },
  { name: "util-linux", programs: ["nsenter"] },
  { name: "docker-cli", programs: ["docker"], on: { bookworm: "docker.io", noble: "docker.io" } },
];

/**
 * System packages that only `npm run bench` needs: what Weft is measured against. `files` are paths that must be there, for
 * packages without a program.
 */
export const benchPackages = [
  { name: "python3-ovsdbapp", files: ["/usr/lib/python3/dist-packages/ovsdbapp"] },
  { name: "mininet", programs: ["mn"] },
  { name: "keepalived", programs: ["keepalived"] },
  { name: "iperf3", programs: ["iperf3"] },
];

/** System packages that only the tests need: `npm test`, `npm run nemesis`. */
export const testPackages = [{ name: "faketime", programs: ["faketime"] }];

/** The package with Docker's daemon, wanted only where no daemon answers. */
export const dockerPackage = "docker.io";

/** Makes the base image where it cannot be pulled; installed only then. */
export const bootstrapPackage = "mmdebstrap";

/**
 * Programs of other Debian suites, unpacked into the cache folder and never installed. `sha256` is of the pinned
 * version by architecture; any other version must satisfy `atLeast` and be vouched for by the suite's signed index.
 */
export const foreignPrograms = [
  {
    name: "nats-server",
    atLeast: "2.12",
    suite: "sid",
    version: "2.15.1-1",
    program: "usr/sbin/nats-server",
    sha256: { amd64: "31ef4ceaa84e8248d449e508472e3770c17c3695cb5cb0ee96e03912724ea884" },
  },
  {
    name: "consul",
    atLeast: "1.8",
    suite: "bullseye",
    version: "1.8.7+dfsg1-2+b3",
    program: "usr/bin/consul",
    sha256: { amd64: "e4e888bba104daba1d9161f49bfc52649a7e4efd45b1a7ead5bc54f2cb9c89d9" },
  },
];

/** The image that ours build upon: pulled, or made from the machine's own package archive where no pull is possible. */
export const baseImage = { tag: "debian:bookworm-slim", suite: "bookworm" };

/** Images built in this checkout; `context` holds the Dockerfile, relative to the top of the checkout. */
export const builtImages = [
  { tag: "weft/holder:dev", context: "libs/drivers/docker/holder" },
  { tag: "weft/firewall:dev", context: "libs/functions/firewall" },
];
