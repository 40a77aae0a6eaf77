/**
 * Sends numbered datagrams to an echo, one each millisecond, and tells on request what became of those of the present window.
 * Arguments: the echo's address and port. Orders are lines on stdin: `window` begins a new one, `flow` goes on from another port, `report` answers with a line of JSON.
 * A datagram's time is that of its sending, so a late timer of this process is no outage of the network.
 */
import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import { createInterface } from "node:readline";

const [host = "127.0.0.1", port = "0"] = process.argv.slice(2);
/** An answer that takes longer counts as none. */
const answerWithinMs = 1_000;
let socket: Socket | undefined;
const start = performance.now();
let sentAt: number[] = [];
let answered: boolean[] = [];
let doubled = 0;
let first = 0;
let next = 0;

function send(): void {
  const now = performance.now();
  for (const due = Math.floor(now - start); next < due; next += 1) {
    sentAt[next - first] = now;
    const number = Buffer.allocUnsafe(8);
    number.writeDoubleBE(next);
    socket?.send(number, () => undefined);
  }
  setTimeout(send, 1);
}

function receive(message: Buffer): void {
  const index = message.readDoubleBE() - first;
  const at = sentAt[index];
  if (index < 0 || at === undefined || performance.now() - at > answerWithinMs) return;
  if (answered[index] === true) doubled += 1;
  answered[index] = true;
}

/** The longest time between two datagrams that were answered with none answered between; what is still open does not count. */
function report() {
  const settled = sentAt.findLastIndex((at) => performance.now() - at > answerWithinMs) + 1;
  let lost = 0;
  let longestMs = 0;
  let lastAt = sentAt[0] ?? 0;
  const gaps: number[] = [];
  for (let index = 0; index < settled; index += 1) {
    const at = sentAt[index] ?? lastAt;
    if (answered[index] !== true) lost += 1;
    if (answered[index] !== true && index < settled - 1) continue;
    const gapMs = at - lastAt;
    if (gapMs > 20) gaps.push(Math.round(gapMs));
    longestMs = Math.max(longestMs, gapMs);
    lastAt = at;
  }
  const last = answered.lastIndexOf(true);
  const silentMs = performance.now() - (sentAt[Math.max(0, last)] ?? 0);
  return { sent: settled, lost, doubled, longestMs, gaps, silentMs, isAnswered: last >= 0 };
}

function begin(): void {
  first = next;
  [sentAt, answered, doubled] = [[], [], 0];
}

/** Of a flow that is kept where it was the slot may belong to somebody else by now: a new one goes to the slot's owner. */
function openFlow(): void {
  const opened = createSocket("udp4");
  opened.on("message", receive);
  opened.on("error", () => undefined);
  opened.connect(Number(port), host, () => {
    socket?.close();
    socket = opened;
  });
}

openFlow();
send();
createInterface({ input: process.stdin })
  .on("line", (order) => {
    if (order === "window") begin();
    if (order === "flow") openFlow();
    if (order === "report") process.stdout.write(`${JSON.stringify(report())}\n`);
  })
  .on("close", () => process.exit());
