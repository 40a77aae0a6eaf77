/**
 * One lab for a machine: its namespaces and addresses have fixed names. The lock is an abstract unix socket, which the
 * kernel keeps for one holder in a network namespace and drops with its process, so no stale lock can stay behind.
 * Who removes a lab's things has the lock: the names alone do not say whose they are.
 */
import { once } from "node:events";
import net from "node:net";
import { WeftError } from "@weft/schemas";
import { labHolder, labLockName, otherLabMessage } from "../../../setup/lab-lock.mjs";

/** Takes the lock until the server is closed or this process ends; whoever connects is told the holder's folder. */
export async function takeLock(folder: string): Promise<net.Server> {
  for (;;) {
    try {
      return await listen(folder);
    } catch (cause) {
      if (!(cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE")) throw cause;
      const holder = await labHolder();
      // Without one, whoever had it has just ended, and the lock is free.
      if (holder !== undefined) throw new WeftError("conflict", otherLabMessage(holder), { cause });
    }
  }
}

async function listen(folder: string): Promise<net.Server> {
  const server = net.createServer((socket) => {
    socket.on("error", () => {});
    socket.end(folder);
  });
  server.listen({ path: labLockName });
  await once(server, "listening");
  return server;
}

/** Throws while a lab of another folder has the lock. One that does not say its folder is `silent`'s, if that is given. */
export async function refuseBesideOtherLab(folder: string, silent?: string): Promise<void> {
  const holder = await labHolder();
  if (holder === undefined || (holder === "" ? silent : holder) === folder) return;
  throw new WeftError("conflict", otherLabMessage(holder));
}
