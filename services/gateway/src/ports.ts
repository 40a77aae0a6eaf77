/** What the gateway needs of the world around it: interfaces only. bus/ fulfils them over NATS, main.ts puts them together. */
import type { ShardLoads, StatusWorld } from "@weft/decide";
import type {
  ApplyRequest,
  DeleteRequest,
  DeleteSeveralRequest,
  IntentReply,
  JoinRequest,
  JoinToken,
  Membership,
  NodeRemoved,
  NodeSettings,
  RemoveNodeRequest,
  ServiceRow,
  SessionRequest,
  TokenRequest,
  WeftEvent,
} from "@weft/schemas";

export interface Wake {
  subscribe(listener: () => void): () => void;
}

export interface RecordsPort {
  /** All records as they are now. The same object until one changes. */
  world(): StatusWorld;
  readonly changed: Wake;
  /** Of the bucket of intents that `world` is as of. */
  intentsRevision(): number;
}

export interface LoadsPort {
  /** Of each placement whose shard was sampled just now. */
  current(): ShardLoads;
}

export interface IntentPort {
  apply(request: ApplyRequest): Promise<IntentReply>;
  remove(request: DeleteRequest | DeleteSeveralRequest): Promise<IntentReply>;
}

/** Asked of the intent service; a refusal is thrown. */
export interface AccessPort {
  token(request: TokenRequest): Promise<JoinToken>;
  join(request: JoinRequest): Promise<Membership>;
  remove(request: RemoveNodeRequest): Promise<NodeRemoved>;
}

export interface EventQuery {
  readonly tenant?: string;
  readonly name?: string;
  /** Of things of this kind, as subjects of events say it, e.g. functiongroup. */
  readonly kind?: string;
  /** Only the last so many of those that have been. */
  readonly limit: number;
  /** All of those behind this one's sequence, whatever the limit. */
  readonly after?: number;
}

export interface LoggedEvent {
  /** Its place in the stream of all events. */
  readonly sequence: number;
  readonly event: WeftEvent;
}

export interface EventsPort {
  past(query: EventQuery): Promise<WeftEvent[]>;
  /** The past ones, then each as it comes, until the signal. */
  follow(query: EventQuery, signal: AbortSignal): AsyncIterable<LoggedEvent>;
}

/** What an open session tells the side that opened it. */
export interface SessionListener {
  /** `taken` is to be called once the bytes have gone on; the agent sends no more than a window ahead of that. */
  data(stream: "stdout" | "stderr", bytes: Uint8Array, taken: () => void): void;
  /** Comes once and last. */
  ended(end: SessionEnd): void;
  /** There is room again after `write` returned false. */
  room(): void;
}
export type SessionEnd = { readonly code: number } | { readonly fault: string };

export interface AgentSession {
  /** False when the window is full: the bytes are taken, but wait for `room` before the next. */
  write(bytes: Uint8Array): boolean;
  endInput(): void;
  resize(columns: number, rows: number): void;
  /** Ends it on the agent's side; `ended` comes no more. */
  close(): void;
}

export interface SessionsPort {
  open(node: string, request: SessionRequest, listener: SessionListener): Promise<AgentSession>;
}

export interface ServicesPort {
  list(): Promise<ServiceRow[]>;
  /** Latest log lines of every copy of a service, oldest first. */
  logs(service: string, tail: number): Promise<string[]>;
}

export interface GatewayPorts {
  readonly records: RecordsPort;
  readonly loads: LoadsPort;
  readonly intent: IntentPort;
  readonly access: AccessPort;
  /** What a host that joins is told; undefined where none can join. */
  readonly nodeSettings: NodeSettings | undefined;
  readonly events: EventsPort;
  readonly sessions: SessionsPort;
  readonly services: ServicesPort;
  /** Metrics in Prometheus' text format. */
  metrics(): Promise<string>;
  /** Rejects while the bus does not answer. */
  alive(): Promise<void>;
  /** False while requests may come in that waited while this process stood still: nobody waits for them any more. */
  awake(): boolean;
  readonly now: () => number;
  readonly log: { warn(about: object, text: string): void; error(about: object, text: string): void };
}
