import { describe, expect, it } from "vitest";
import { HostShell } from "./host-shell.ts";

describe("a shell of the host that stays", () => {
  it("runs one script after the other in one process and answers each with what it wrote", async () => {
    using shell = new HostShell();
    const answers = await Promise.all(
      ["echo $$", "cat; echo no input", "printf 'no line'", "echo oh >&2; false", "echo $$"].map((script) =>
        shell.run(script),
      ),
    );
    const [first, ...rest] = answers;
    expect(first).toMatch(/^\d+\n$/);
    expect(rest).toEqual(["no input\n", "no line", "", first]);
  });

  it("answers a large script with all that it wrote", async () => {
    using shell = new HostShell();
    const lines = Array.from({ length: 5_000 }, (_, index) => `line ${index} ${"x".repeat(40)}`);
    expect(await shell.run(lines.map((line) => `echo '${line}'`).join("\n"))).toBe(`${lines.join("\n")}\n`);
  });

  it.each([
    ["ends the shell", "exit 3", 30_000, "ended its shell"],
    ["is none", "if", 30_000, "ended its shell"],
    ["takes too long", "sleep 60", 50, "was ended after 50 ms"],
  ])("fails for a script that %s, and goes on with the next", async (_, script, withinMs, why) => {
    using shell = new HostShell();
    const failed = expect(shell.run(script, withinMs)).rejects.toThrow(why);
    const next = shell.run("echo next");
    await failed;
    expect(await next).toBe("next\n");
  });
});
