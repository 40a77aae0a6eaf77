/**
 * Who has this machine's lab: namespaces and addresses have fixed names, so there is one, whatever its folder.
 * Its holder keeps an abstract unix socket and tells its folder to whoever connects. Reads only; taking the lock is
 * the lab's own (libs/lab/src/lock.ts).
 */
import net from "node:net";
import { setTimeout as delay } from "node:timers/promises";

export const labLockName = "\0weft-lab";

const patienceMs = 2_000;

/**
 * The folder of the lab that is up or coming up; "" when its holder does not say for 2 s, undefined when there is none.
 * A holder that dies before it answers is none: whoever hangs up without a word is asked again.
 */
export async function labHolder(name = labLockName) {
  for (const deadline = Date.now() + patienceMs; ; await delay(20)) {
    const answer = await askHolder(name, deadline - Date.now());
    if (answer !== "" || Date.now() >= deadline) return answer;
  }
}

function askHolder(name, withinMs) {
  return new Promise((resolve) => {
    let folder = "";
    let connected = false;
    const socket = net.connect({ path: name });
    const timer = setTimeout(() => socket.destroy(), withinMs);
    socket.on("error", () => {});
    socket.once("connect", () => (connected = true));
    socket.on("data", (data) => (folder += data.toString("utf8")));
    socket.once("close", () => {
      clearTimeout(timer);
      resolve(connected ? folder : undefined);
    });
  });
}

/** What to tell whoever wants a lab while another one is up, with the command that ends that one. */
export function otherLabMessage(folder) {
  const [where, command] =
    folder === "" ? ["another folder", "weft down"] : [folder, `WEFT_LAB_DIR=${folder} weft down`];
  return `A lab runs already on this machine, in ${where}: stop it with \`${command}\`.`;
}
