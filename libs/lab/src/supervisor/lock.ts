/**
 * One lab for a machine: its namespaces and addresses have fixed names. The lock is an abstract unix socket, which the
 * kernel keeps for one holder in a network namespace and drops with its process, so no stale lock can stay behind.
 */
import { once } from "node:events";
import net from "node:net";
import { WeftError } from "@weft/schemas";

const name = "\0weft-lab";

/** Takes the lock for this process's life; whoever connects is told the holder's folder. */
export async function takeLock(folder: string): Promise<net.Server> {
  const server = net.createServer((socket) => {
    socket.on("error", () => {});
    socket.end(folder);
  });
  try {
    server.listen({ path: name });
    await once(server, "listening");
    return server;
  } catch (cause) {
    const where = await holder();
    throw new WeftError(
      "conflict",
      `A lab runs already on this machine, in ${where}: stop it with \`weft down\`.`,
      { cause },
    );
  }
}

function holder(): Promise<string> {
  return new Promise((resolve) => {
    let folder = "";
    const socket = net.connect({ path: name });
    socket.setTimeout(2_000, () => socket.destroy());
    socket.on("error", () => {});
    socket.on("data", (data) => (folder += data.toString("utf8")));
    socket.once("close", () => resolve(folder === "" ? "another folder" : folder));
  });
}
