/**
 * What every ovsdb-server of the lab has in common: how it logs, and how one sees that it answers.
 * Asks once for the list of databases (RFC 7047, 4.1.1) over the server's unix socket; reads no tables.
 */
import net from "node:net";

/** OVS and OVN daemons stay in the foreground and log to their standard error, which fleet.ts puts into a file. */
export const logToStandardError = ["-vconsole:info", "-vsyslog:off", "-vfile:off"] as const;

export function ovsdbAnswers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(socketPath);
    const finish = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(2_000, () => finish(false));
    socket.once("error", () => finish(false));
    socket.once("connect", () => socket.write(JSON.stringify({ id: 0, method: "list_dbs", params: [] })));
    socket.once("data", () => finish(true));
  });
}
