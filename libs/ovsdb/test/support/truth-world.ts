/**
 * A real server with followers and writers behind proxies that can be cut: where a series of transactions is played.
 * Starts and ends them all; a server that keeps a history gets so much data that it does.
 * The series itself is left to series.ts, what must hold to the test.
 */
import path from "node:path";
import type {
  DatabaseSchema,
  MonitorMethod,
  OvsdbClient as Client,
  Replica,
  UntypedRow,
  Uuid,
} from "../../src/index.ts";
import { OvsdbClient, database, monitorMethods } from "../../src/index.ts";
import { CuttingProxy } from "./cutting-proxy.ts";
import { drawFrom } from "./draw.ts";
import { OvsdbServer } from "./ovsdb-server.ts";
import type { RandomWatch } from "./random-watch.ts";
import { drawWatch } from "./random-watch.ts";

export type AnyReplica = Replica<Readonly<Record<string, UntypedRow>>>;
export interface TruthWorld extends AsyncDisposable {
  readonly server: OvsdbServer;
  readonly schema: DatabaseSchema;
  readonly proxies: readonly CuttingProxy[];
  readonly writers: readonly Client[];
  /** All rows, by the newest method and by the oldest that the server is asked for. */
  readonly whole: readonly AnyReplica[];
  /** Some rows. */
  readonly part: { readonly replica: AnyReplica; readonly watch: RandomWatch };
  /** Not through a proxy. */
  readonly direct: Client;
  /** What makes the server keep a history; to be left alone. */
  readonly ballast: Uuid | undefined;
}

export interface TruthOptions {
  readonly file: "ovn-northbound" | "ovn-southbound" | "open-vswitch";
  readonly clustered: boolean;
  /** Of the second follower of all rows. */
  readonly method: MonitorMethod;
  readonly seed: number;
}

const backoff = { minDelayMs: 1, maxDelayMs: 20 };
const ballastElements = 20_000;
/** A root table that has room for much, in each database. */
const ballast = {
  "ovn-northbound": ["Address_Set", "addresses"],
  "ovn-southbound": ["Address_Set", "addresses"],
  "open-vswitch": ["Queue", "other_config"],
} as const;

export async function truthWorld({ file, clustered, method, seed }: TruthOptions): Promise<TruthWorld> {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await OvsdbServer.start({ schema: file, clustered }));
  const connect = async (remote: string, methods: readonly MonitorMethod[] = monitorMethods) =>
    stack.use(await OvsdbClient.connect({ remote, backoff, monitorMethods: methods }));
  const direct = await connect(server.unix);
  const schema = await schemaOf(direct);
  const ballastRow = await addBallast(direct, schema, ballast[file]);
  const proxies: CuttingProxy[] = [];
  for (const name of ["a", "b", "c"])
    proxies.push(stack.use(await CuttingProxy.start(path.join(server.folder, name), server.unix)));
  const [a = "", b = "", c = ""] = proxies.map(({ remote }) => remote);
  const writers = [await connect(a), await connect(b), await connect(c)];
  const everything = Object.fromEntries(Object.keys(schema.tables).map((table) => [table, {}]));
  const watch = drawWatch(schema, drawFrom(seed));
  const whole = [await connect(a), await connect(b, [method])];
  const replicas = await Promise.all(whole.map((client) => client.monitor(schema, everything)));
  const part = { replica: await (await connect(c)).monitor(schema, watch), watch };
  const owned = stack.move();
  const disposed = { [Symbol.asyncDispose]: () => owned.disposeAsync() };
  return {
    server,
    schema,
    proxies,
    writers,
    whole: replicas,
    part,
    direct,
    ballast: ballastRow,
    ...disposed,
  };
}

async function schemaOf(client: Client): Promise<DatabaseSchema> {
  const name = (await client.listDbs()).find((each) => !each.startsWith("_"));
  return client.getSchema(name ?? "");
}

async function addBallast(
  client: Client,
  schema: DatabaseSchema,
  [table, column]: readonly [string, string],
): Promise<Uuid | undefined> {
  const texts = Array.from({ length: ballastElements }, (_, at) => `ballast ${at}`);
  const value =
    column === "addresses" ? texts : Object.fromEntries(texts.map((text) => [text, text] as const));
  const named = schema.tables[table]?.columns["name"] === undefined ? {} : { name: "ballast" };
  const insert = database(schema).insert(table, { ...named, [column]: value });
  const [inserted] = await client.transact(schema, [insert]);
  return inserted?.uuid;
}
