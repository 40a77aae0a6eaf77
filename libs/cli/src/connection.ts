/** Where the gateway is and with which token: options first, then the environment, then what `weft up` wrote. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { WeftClient } from "@weft/client";
import { WeftError } from "@weft/schemas";
import { z } from "zod";

const LabGateways = z.object({ endpoints: z.object({ gateways: z.array(z.string()).min(1) }) });
export const defaultServer = "http://127.0.0.1:8080";

export interface Where {
  readonly server: string | undefined;
}

export function connect({ server }: Where, environment: NodeJS.ProcessEnv = process.env): WeftClient {
  const url = server ?? environment["WEFT_SERVER"] ?? labGateways(environment) ?? defaultServer;
  return new WeftClient({ url, token: tokenFor(environment) });
}

/** Of the lab on this machine, where one is up: both copies of its gateway. */
function labGateways(environment: NodeJS.ProcessEnv): string | undefined {
  try {
    const state: unknown = JSON.parse(readFileSync(path.join(labFolder(environment), "state.json"), "utf8"));
    return LabGateways.parse(state).endpoints.gateways.join(",");
  } catch {
    return undefined; // no lab, or one that is still starting
  }
}

// The lab's folder, as libs/lab has it: loading all of it for two small files would make every command slower.
function labFolder(environment: NodeJS.ProcessEnv): string {
  return path.resolve(environment["WEFT_LAB_DIR"] ?? "/run/weft/lab");
}

/** None is no error here: the gateway says what it misses, or that it is not there. */
function tokenFor(environment: NodeJS.ProcessEnv): string | undefined {
  const given = environment["WEFT_TOKEN"];
  if (given !== undefined && given !== "") return given.trim();
  const file = path.join(labFolder(environment), "token");
  try {
    return readFileSync(file, "utf8").trim();
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw new WeftError("unauthorized", `The token in ${file} cannot be read by this user.`, { cause });
  }
}
