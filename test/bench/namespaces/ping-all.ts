/**
 * From each of many network namespaces to one address, all at once, by the same command for every contestant.
 * Rejects unless every one of them got an answer.
 */
import { spawn } from "node:child_process";

/** An address that is not there yet is answered for at once ("unreachable"): then it is asked again. */
const all = `
reach() {
  for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    nsenter --net="$1" ping -n -q -c 1 -W 5 "$2" >/dev/null && exit
  done
  exit 1
}
while read namespace; do
  (reach "$namespace" "$1") &
  children="$children $!"
done
for child in $children; do wait $child || exit 1; done`;

export function pingAll(namespaces: readonly string[], address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const shell = spawn("sh", ["-c", all, "sh", address], { stdio: ["pipe", "ignore", "inherit"] });
    shell.once("error", reject);
    shell.once("close", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`not every one of ${namespaces.length} namespaces reaches ${address}`));
    });
    shell.stdin.end(`${namespaces.join("\n")}\n`);
  });
}
