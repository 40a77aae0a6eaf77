import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  ServerProcess,
  eventually,
  startConsul,
  startNats,
  startOvnCentral,
  startOvsdb,
} from "../src/index.ts";

describe("a real server for a test", () => {
  it("is there when its start resolves and gone at the end of the scope: nats-server", async () => {
    let pid = 0;
    {
      await using nats = await startNats();
      pid = nats.server.pid ?? 0;
      expect(nats.server.output).toContain("Server is ready");
    }
    expect(() => readFileSync(`/proc/${pid}/stat`)).toThrow("ENOENT");
  });

  it("comes back on the same address after a restart: Consul", async () => {
    await using consul = await startConsul();
    await fetch(`${consul.url}/v1/kv/a`, { method: "PUT", body: "kept" });
    await consul.restart();
    const kept = await eventually("the key is readable", () =>
      fetch(`${consul.url}/v1/kv/a?raw`).then((r) => r.text()),
    );
    expect(kept).toBe("kept");
  });

  it("has the project's schema: ovsdb-server", async () => {
    await using database = await startOvsdb({ schema: "open-vswitch" });
    await database.restart();
    expect(database.unix).toContain("db.sock");
  });

  it("carries the northbound database over to the southbound one: OVN's centre", async () => {
    await using centre = await startOvnCentral();
    await centre.nbctl("--wait=sb", "ls-add", "one");
    expect(await centre.nbctl("ls-list")).toContain("(one)");
  });
});

describe("a test process that is killed", () => {
  it("takes its servers with it", async () => {
    const script = `
      import { startNats } from "${new URL("../src/index.ts", import.meta.url).href}";
      const nats = await startNats();
      console.log("pid", nats.server.pid);
      setInterval(() => undefined, 1_000);
    `;
    await using parent = await ServerProcess.start({
      name: "parent",
      command: () => [process.execPath, "--input-type=module-typescript", "--eval", script],
      ready: async ({ output }) => output.includes("pid"),
    });
    const pid = /pid (\d+)/.exec(parent.output)?.[1];
    expect(existsSync(`/proc/${pid}`)).toBe(true);
    await parent.down("SIGKILL");
    await eventually("the server is gone", () => !existsSync(`/proc/${pid}`));
  });
});

describe("a condition that does not come to hold", () => {
  it("fails with its name and the last error", async () => {
    const never = () => Promise.reject(new Error("no such thing"));
    await expect(eventually("the thing is there", never, { withinMs: 30 })).rejects.toThrow(
      "Not within 30 ms: the thing is there: no such thing",
    );
  });
});
