/**
 * Who answers for a tunnel address. Linux answers on every link for all its addresses, so a link that is a port of br-phy answers too, with
 * its own MAC address; br-phy's answer comes later and prevails, unless Open vSwitch does not forward yet, as just after its start. Then other
 * nodes keep the link's address for 15 minutes, and what they send to this one by tunnels meets no tunnel.
 */

/** For `sh`, in the link's network namespace: it answers for addresses of its own alone (ip-sysctl, arp_ignore), or as `mode` says. */
export function ignoreArp(link: string, mode = 1): string {
  return `echo ${mode} > '${arpSetting(link)}'`;
}

export function arpSetting(link: string): string {
  return `/proc/sys/net/ipv4/conf/${link}/arp_ignore`;
}
