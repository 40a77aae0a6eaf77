/**
 * knock HOST PORT: opens one connection after the other, wants one line back on each, and prints a JSON line for each that
 * did: when it was begun and when its first byte came, in milliseconds since the epoch. Runs until it is ended.
 * Runs alone inside a workload's namespace, so it imports nothing of Weft.
 */
import { connect } from "node:net";

const [host = "", port = ""] = process.argv.slice(2);
/** A lost SYN is sent again after a second: rather begin anew. */
const patienceMs = 50;
const pauseMs = 10;

const now = () => performance.timeOrigin + performance.now();

function knock(): Promise<void> {
  return new Promise((resolve) => {
    const begunAt = now();
    const socket = connect({ host, port: Number(port), noDelay: true });
    const end = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve();
    };
    const timer = setTimeout(end, patienceMs);
    socket.on("error", end);
    socket.on("connect", () => socket.write("knock\n"));
    socket.once("data", () => {
      process.stdout.write(`${JSON.stringify({ begunAt, answeredAt: now() })}\n`);
      end();
    });
  });
}

process.stdout.write("ready\n");
for (;;) {
  await knock();
  await new Promise((resolve) => setTimeout(resolve, pauseMs));
}
