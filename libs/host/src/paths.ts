/** Where a joined host keeps what it must remember, by the rules of the Filesystem Hierarchy Standard. */
import path from "node:path";

/** What the host joined with, its credential included: for root alone. */
export const configFile = "/etc/weft/node.json";
/** What the agent keeps of what it runs. */
export const stateFolder = "/var/lib/weft/agent";
export const logFile = "/var/log/weft/agent.log";
/** The agent that runs in the background; a reboot empties the folder. */
export const processFile = "/run/weft/agent.json";

export const openVswitchSocket = "/var/run/openvswitch/db.sock";

const checkout = path.resolve(import.meta.dirname, "../../..");
export const agentMain = path.join(checkout, "services/agent/src/main.ts");
