/** Who has the lab, asked of holders in every condition. Uses sockets of its own, so that a lab may be up meanwhile. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import { labHolder } from "../../../setup/lab-lock.mjs";

const name = `\0weft-lab-test-${process.pid}`;
const holders: ChildProcess[] = [];

afterEach(() => {
  for (const holder of holders.splice(0)) holder.kill("SIGKILL");
});

/** A process that listens on the socket and then does what is said. */
async function holder(then: string, onConnect = "socket.end('/run/weft/one')"): Promise<ChildProcess> {
  const script = `require("net").createServer((socket) => { ${onConnect} })
    .listen({ path: ${JSON.stringify(name)} }, () => { require("fs").writeSync(1, "up"); ${then} })`;
  const child = spawn(process.execPath, ["--eval", script], { stdio: ["ignore", "pipe", "inherit"] });
  holders.push(child);
  await once(child.stdout, "data");
  return child;
}

const hang = "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)";

describe("whoever asks who has the lab", () => {
  it("hears of none where nobody listens", async () => {
    expect(await labHolder(name)).toBeUndefined();
  });

  it("hears the holder's folder", async () => {
    await holder("");
    expect(await labHolder(name)).toBe("/run/weft/one");
  });

  it("hears of none when the holder is killed before it answers", async () => {
    const child = await holder(hang);
    const answer = labHolder(name);
    child.kill("SIGKILL");
    expect(await answer).toBeUndefined();
  });

  it("hears of one without a folder when the holder hangs", async () => {
    await holder(hang);
    expect(await labHolder(name)).toBe("");
  });
});
