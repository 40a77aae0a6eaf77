import { describe, expect, it } from "vitest";
import { parseListeners } from "./ports-free.ts";

describe("what `ss` prints", () => {
  it("gives address, port and owner of each listener", () => {
    const printed = [
      'tcp   LISTEN 0      4096      127.0.0.1:8080     0.0.0.0:*    users:(("node",pid=4711,fd=21))',
      "udp   UNCONN 0      0      127.0.0.53%lo:53       0.0.0.0:*",
      'tcp   LISTEN 0      4096              *:4222           *:*    users:(("nats-server",pid=7,fd=9))',
      'tcp   LISTEN 0      128            [::]:22          [::]:*    users:(("sshd",pid=1,fd=3),("sshd",pid=2,fd=3))',
      "",
    ].join("\n");
    expect(parseListeners(printed)).toEqual([
      { address: "127.0.0.1", port: 8080, owner: "node (pid 4711)" },
      { address: "127.0.0.53", port: 53, owner: "an unknown process" },
      { address: "*", port: 4222, owner: "nats-server (pid 7)" },
      { address: "[::]", port: 22, owner: "sshd (pid 1)" },
    ]);
  });
});
