import { describe, expect, it } from "vitest";
import { backoffDelayMs } from "./backoff.ts";
import { settingsOf } from "./client-options.ts";
import { parseRemotes } from "./remote.ts";

describe("remotes", () => {
  it("are sockets and addresses, several with commas", () => {
    const text = "unix:/run/a.sock, tcp:127.0.0.1:6641,tcp:[::1]:6642,tcp:db.example:1,ssl:[::1]:6643";
    expect(parseRemotes(text)).toEqual([
      { kind: "unix", text: "unix:/run/a.sock", path: "/run/a.sock" },
      { kind: "tcp", text: "tcp:127.0.0.1:6641", host: "127.0.0.1", port: 6641 },
      { kind: "tcp", text: "tcp:[::1]:6642", host: "::1", port: 6642 },
      { kind: "tcp", text: "tcp:db.example:1", host: "db.example", port: 1 },
      { kind: "ssl", text: "ssl:[::1]:6643", host: "::1", port: 6643 },
    ]);
  });

  it.each(["", "unix:", "tcp:host", "tcp:host:0", "tcp:host:65536", "tcp:::1:80", "ptcp:1", "unix:/a,"])(
    "are refused: %j",
    (text) => {
      expect(() => parseRemotes(text)).toThrow("wants unix:/path, tcp:host:port or ssl:host:port");
    },
  );

  it("with TLS want certificates before anything is tried", () => {
    expect(() => settingsOf({ remote: "tcp:host:1,ssl:host:6641" })).toThrow("ssl:host:6641: wants `tls`");
  });
});

describe("the wait between attempts", () => {
  it("doubles up to its bound, and jitters by half", () => {
    const backoff = { minDelayMs: 100, maxDelayMs: 1_000 };
    const longest = [0, 1, 2, 3, 4, 999].map((failures) => backoffDelayMs(backoff, failures, 1));
    expect(longest).toEqual([100, 200, 400, 800, 1_000, 1_000]);
    expect(backoffDelayMs(backoff, 2, 0)).toBe(200);
  });
});
