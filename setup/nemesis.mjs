/**
 * `npm run nemesis [-- --minutes N --seed S]`: brings the machine into shape and lets faults loose on a lab under traffic.
 * The run itself is test/nemesis/main.ts.
 */
import path from "node:path";
import { prepareMachine } from "./install.mjs";
import { requireNoOtherLab, runToEnd, withDocker } from "./lab-suite.mjs";
import { checkout } from "./npm-packages.mjs";
import { runSetup } from "./shell.mjs";

await runSetup(async () => {
  await requireNoOtherLab();
  await prepareMachine({ yes: true, test: true });
  await withDocker(async () => {
    const program = path.join(checkout, "test/nemesis/main.ts");
    process.exitCode = await runToEnd([program, ...process.argv.slice(2).filter((text) => text !== "--yes")]);
  });
});
