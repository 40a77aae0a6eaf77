/**
 * Other images of the firewall, for changes of image: made of the one that is there, without a network, and taken away again.
 * Docker's daemon is kept up for as long as they are needed.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ensureDockerd } from "../../setup/dockerd.mjs";
import { run } from "../lab/command-line.ts";

const base = "weft/firewall:dev";

export class ShardImages implements AsyncDisposable {
  readonly #open: AsyncDisposableStack;

  private constructor(open: AsyncDisposableStack) {
    this.#open = open;
  }

  static async open(): Promise<ShardImages> {
    await using building = new AsyncDisposableStack();
    const folder = mkdtempSync(path.join(tmpdir(), "weft-images-"));
    building.defer(() => rmSync(folder, { recursive: true, force: true }));
    const daemon = await ensureDockerd(folder);
    building.defer(() => daemon.stop());
    return new ShardImages(building.move());
  }

  /** Returns the image's name. `line`: of a Dockerfile, what makes it another one. */
  async make(tag: string, line: string): Promise<string> {
    const image = `weft/firewall:${tag}`;
    const build = ["build", "--network", "none", "--tag", image, "-"];
    const { code, stderr } = await run(
      "env",
      ["DOCKER_BUILDKIT=0", "docker", ...build],
      `FROM ${base}\n${line}\n`,
    );
    if (code !== 0) throw new Error(`${image} was not made: ${stderr}`);
    this.#open.defer(async () => void (await run("docker", ["rmi", "--force", image])));
    return image;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#open.disposeAsync();
  }
}
