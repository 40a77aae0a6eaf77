/**
 * echo-server PORT…: answers every line with itself, on each port given.
 * Prints one JSON line for each connection it accepts: its own record of who came, apart from any counter of Weft's.
 * Runs alone inside a workload, so it imports nothing of Weft.
 */
import { createServer } from "node:net";

const ports = process.argv.slice(2).map(Number);
if (ports.length === 0 || ports.some((port) => !Number.isInteger(port))) {
  process.stderr.write("usage: echo-server PORT…\n");
  process.exit(2);
}

for (const port of ports) {
  const server = createServer({ noDelay: true }, (socket) => {
    const client = (socket.remoteAddress ?? "").replace(/^::ffff:/, "");
    process.stdout.write(`${JSON.stringify({ accepted: client, clientPort: socket.remotePort, port })}\n`);
    socket.on("error", () => socket.destroy());
    socket.pipe(socket);
  });
  server.listen(port, "::", () => process.stdout.write(`${JSON.stringify({ listening: port })}\n`));
}
