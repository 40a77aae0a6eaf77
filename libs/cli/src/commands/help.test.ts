import { describe, expect, it } from "vitest";
import { createProgram } from "../program.ts";
import { UsageError } from "../usage-error.ts";
import { helpOf } from "./help.ts";

const program = createProgram(() => undefined);

describe("weft help", () => {
  it.each<[string[], string]>([
    [[], "Usage: weft [options]"],
    [["apply"], "Usage: weft apply [options]"],
    [["agent"], "Usage: weft agent [options] [command]"],
    [["agent", "join"], "Usage: weft agent join [options]"],
    [["node", "token"], "Usage: weft node token [options]"],
  ])("%j tells of that verb", (words, first) => {
    expect(helpOf(program, words).split("\n")[0]).toContain(first);
  });

  it.each([[["nothing"]], [["agent", "nothing"]], [["apply", "join"]]])("%j is wrong usage", (words) => {
    expect(() => helpOf(program, words)).toThrow(UsageError);
  });
});
