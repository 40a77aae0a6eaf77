/** Commands for a real ovs-vswitchd, over its control socket. */
import { DummySwitch } from "@weft/testkit";
import { describe, expect, it } from "vitest";
import { tellDaemon } from "../src/fabric/unix-control.ts";

const withinMs = 5_000;

describe("a daemon of Open vSwitch", () => {
  it("does one command after the other, and says which it does not know", async () => {
    await using at = await DummySwitch.start();
    const { control: target } = at;
    await expect(tellDaemon(["version", "list-commands"], { target, withinMs })).resolves.toBeUndefined();
    await expect(tellDaemon(["version", "no/such"], { target, withinMs })).rejects.toThrow(
      '"no/such" is not a valid command',
    );
  });

  it.each(["/nowhere/vswitchd.ctl", "no-such-daemon"])(
    "that does not run answers nothing: %s",
    async (target) => {
      await expect(tellDaemon(["version"], { target, withinMs })).rejects.toThrow(
        "no-such-daemon" === target ? "no pid file" : "ENOENT",
      );
    },
  );
});
