/** Answers every datagram on a port with itself, until its stdin ends. Argument: the port. */
import { createSocket } from "node:dgram";

const socket = createSocket("udp4");
socket.on("message", (message, { port, address }) => socket.send(message, port, address));
socket.on("error", () => undefined);
socket.bind(Number(process.argv[2]), "0.0.0.0", () => process.stdout.write("listening\n"));
process.stdin.resume().on("end", () => process.exit());
