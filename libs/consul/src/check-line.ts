/**
 * Passes one TTL check over a connection that stays open: the call to Consul that every process makes all the time, and three
 * times a second where it leads. HTTP/1.1 (RFC 9112) by hand, one request of a fixed text at a time: at this rate a process runs cold,
 * and the call costs 0.3 ms of processor time, 0.9 by node:http, 1.2 by the `consul` package (measured).
 * Anything but a plain 200 ends the connection, and the next call makes another. Everything else goes by api.ts.
 */
import net from "node:net";
import tls from "node:tls";
import { WeftError } from "@weft/schemas";

const defaultPorts: Readonly<Record<string, number>> = { "http:": 80, "https:": 443 };
/** Of an answer that is not over by then nothing good is to be expected. */
const longestAnswer = 16_384;

export interface Call {
  passed(): void;
  /** No answer, or Consul does not know the check. */
  failed(error: WeftError): void;
}

export class CheckLine implements Disposable {
  readonly #url: URL;
  readonly #request: string;
  #socket: net.Socket | undefined;
  #call: Call | undefined;
  #heard = "";

  constructor(url: string, checkId: string) {
    this.#url = new URL(url);
    const path = `/v1/agent/check/pass/${encodeURIComponent(checkId)}`;
    this.#request = `PUT ${path} HTTP/1.1\r\nHost: ${this.#url.host}\r\nContent-Length: 0\r\n\r\n`;
  }

  /** One at a time, each until it has passed or failed: the caller says when by `giveUp`. */
  begin(call: Call): void {
    this.#call = call;
    this.#heard = "";
    this.#socket ??= this.#connect();
    this.#socket.write(this.#request);
  }

  /** The call that is not answered yet fails. */
  giveUp(why: string): void {
    this.#over(why);
  }

  /** Throws WeftError("unavailable"): no answer in time, or Consul does not know the check. */
  async pass(timeoutMs: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const late = setTimeout(() => this.giveUp(`no answer in ${timeoutMs} ms`), timeoutMs);
    this.begin({ passed: resolve, failed: reject });
    return promise.finally(() => clearTimeout(late));
  }

  /** What is not answered yet stays so. */
  [Symbol.dispose](): void {
    this.#socket?.destroy();
    [this.#socket, this.#call] = [undefined, undefined];
  }

  #over(why?: string): void {
    const call = this.#call;
    this.#call = undefined;
    if (why === undefined) return call?.passed();
    this[Symbol.dispose]();
    const message = `Consul at ${this.#url.origin} did not take a sign of life: ${why}.`;
    call?.failed(new WeftError("unavailable", message, { concerns: "consul" }));
  }

  #connect(): net.Socket {
    const { protocol, hostname, port } = this.#url;
    // Of IPv6 a URL has the address in brackets.
    const host = hostname.replace(/^\[(.*)\]$/, "$1");
    const portNumber = Number(port) || (defaultPorts[protocol] ?? 80);
    // Read into a buffer of its own, past the stream's.
    const buffer = Buffer.allocUnsafe(longestAnswer);
    const callback = (bytes: number) => {
      if (this.#socket === socket) this.#hear(buffer.toString("latin1", 0, bytes));
      return true;
    };
    const target = { host, port: portNumber, onread: { buffer, callback } };
    const socket =
      protocol === "https:"
        ? tls.connect({ ...target, ...(net.isIP(host) === 0 ? { servername: host } : {}) })
        : net.connect(target);
    const ended = (why: string) => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      this.#over(why);
    };
    socket.setNoDelay();
    socket.on("error", (error) => ended(error.message));
    socket.on("close", () => ended("the connection was closed"));
    return socket;
  }

  #hear(text: string): void {
    this.#heard += text;
    if (this.#heard.includes("\r\n\r\n"))
      this.#over(isPlainSuccess(this.#heard) ? undefined : (this.#heard.split("\r\n", 1)[0] ?? ""));
    else if (this.#heard.length > longestAnswer) this.#over("its answer has no end");
  }
}

/** With nothing after its head, so that the connection can carry the next call. */
function isPlainSuccess(answer: string): boolean {
  return (
    answer.startsWith("HTTP/1.1 200 ") &&
    /\r\ncontent-length: 0\r\n/i.test(answer) &&
    answer.endsWith("\r\n\r\n")
  );
}
