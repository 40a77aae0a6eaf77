/**
 * A real ovsdb-server for one test, on a database made from one of the project's schemas; no root.
 * Writes its folder; listens on a unix socket there and on a free port of the loopback.
 * Rows are left to the tests.
 */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { accepts, freePorts } from "./free-ports.ts";
import { program } from "./program.ts";
import { ServerProcess } from "./server-process.ts";

export type SchemaName = "ovn-northbound" | "ovn-southbound" | "open-vswitch";

export interface OvsdbServer extends AsyncDisposable {
  /** `unix:…` */
  readonly unix: string;
  /** `tcp:127.0.0.1:…` */
  readonly tcp: string;
  readonly server: ServerProcess;
  /** Kills it and starts it on the same database. */
  restart(): Promise<void>;
}

/** `schema`: one of the project's, or the path of a file. `clustered`: a cluster of one, which keeps a history of its transactions. */
export async function startOvsdb(o: {
  readonly schema: SchemaName | `/${string}`;
  readonly clustered?: boolean;
}): Promise<OvsdbServer> {
  const [file, tool] = [program("ovsdb-server"), program("ovsdb-tool")];
  const [port = 0] = await freePorts(1);
  const server = await ServerProcess.start({
    name: "ovsdb",
    command: (folder) => {
      const database = path.join(folder, "db");
      const create =
        o.clustered === true
          ? ["create-cluster", database, schemaFile(o.schema), `unix:${path.join(folder, "raft.sock")}`]
          : ["create", database, schemaFile(o.schema)];
      if (!existsSync(database)) execFileSync(tool, create, { stdio: "pipe" });
      return [
        file,
        `--remote=punix:${path.join(folder, "db.sock")}`,
        `--remote=ptcp:${port}:127.0.0.1`,
        `--unixctl=${path.join(folder, "ctl")}`,
        "--no-chdir",
        "-vconsole:info",
        "-vsyslog:off",
        database,
      ];
    },
    ready: () => accepts(port),
  });
  return {
    unix: `unix:${path.join(server.folder, "db.sock")}`,
    tcp: `tcp:127.0.0.1:${port}`,
    server,
    restart: async () => {
      await server.down();
      await server.up();
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function schemaFile(schema: string): string {
  if (schema.startsWith("/")) return schema;
  return fileURLToPath(new URL(`../../ovsdb/schemas/${schema}.ovsschema`, import.meta.url));
}
