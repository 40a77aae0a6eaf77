/**
 * Things that somebody else has on a lab's machine, as close to Weft's own as they can be: rows in its very router and
 * switch, ports of its bridge, a container, a namespace whose name begins like one of Weft's. Tells which of them changed.
 */
import { done, run } from "./command-line.ts";
import { endpoints, nbctl, vsctl } from "./lab-endpoints.ts";
import { tenant } from "./repair-world.ts";
import { stockOf } from "./stock.ts";
import type { Stock } from "./stock.ts";

export const foreignNamespace = "weft-foo";
const container = "weft-somebody-elses";
/** Of what is not in the lab's own databases. */
const removals = [
  ["docker", "rm", "--force", "--volumes", container],
  ["ip", "netns", "delete", foreignNamespace],
] as const;

export class Foreigners implements AsyncDisposable {
  readonly #before: Stock;

  private constructor(before: Stock) {
    this.#before = before;
  }

  static async settle(): Promise<Foreigners> {
    // What a run that was killed left: Docker's daemon and namespaces outlive a lab. That nothing is there is no fault.
    for (const [program, ...args] of removals) await run(program, args);
    await nbctl("ls-add", "foreign-switch");
    await nbctl("lsp-add", "foreign-switch", "foreign-port");
    await nbctl("lr-add", "foreign-router");
    await nbctl("lr-policy-add", `weft.${tenant}.router`, "32000", "ip4.src == 192.0.2.1", "drop");
    await nbctl("lsp-add", `weft.${tenant}.network.inside`, "foreign-port-in-ours");
    const [node] = endpoints().nodes;
    await vsctl(
      node?.name ?? "",
      "add-port",
      "br-int",
      "foreign0",
      "--",
      "set",
      "interface",
      "foreign0",
      "type=internal",
    );
    await done("docker", "run", "--detach", "--name", container, "--network", "none", "weft/firewall:dev");
    await done("ip", "netns", "add", foreignNamespace);
    return new Foreigners(await foreignStock());
  }

  /** Names of those that are gone or made anew. */
  async changed(): Promise<string[]> {
    const now = await foreignStock();
    return [...this.#before].flatMap(([name, identity]) => (now.get(name) === identity ? [] : [name]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const [program, ...args] of removals) await done(program, ...args);
  }
}

async function foreignStock(): Promise<Stock> {
  const isForeign = (name: string) => /foreign|somebody|weft-foo|192\.0\.2/.test(name);
  return new Map([...(await stockOf())].filter(([name]) => isForeign(name)));
}
