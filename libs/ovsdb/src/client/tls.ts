/**
 * TLS as Open vSwitch does it: both ends show a certificate that the same authority signed (ovsdb-server(1), "--private-key").
 * Reads the options and the files they name, gives what node:tls wants; tells in plain words why a handshake failed.
 * Opening the socket is left to socket.ts.
 */
import { readFile } from "node:fs/promises";
import type { ConnectionOptions } from "node:tls";
import { checkServerIdentity, createSecureContext } from "node:tls";
import type { Remote } from "./remote.ts";

/** PEM text, or a file that holds it: files are read anew for every connection, so a renewed certificate needs no restart. */
export type Pem = string | { readonly file: string };

export interface TlsOptions {
  /** The authorities whose servers are trusted, one or several certificates. The system's own are not. */
  readonly ca: Pem;
  /** This client's certificate, with its chain. Left out only where the server asks for none. */
  readonly cert?: Pem;
  readonly key?: Pem;
  /**
   * The name that the server's certificate must carry. Left out, any server that `ca` signed is taken: so does Open vSwitch, whose
   * certificates (ovs-pki) name no hosts.
   */
  readonly serverName?: string;
}

/** A TLS connection that cannot be made, or was refused; `message` names the remote and what to look at. */
export class TlsError extends Error {
  override readonly name = "TlsError";
  readonly code = "tls";
  readonly retryable = false;
}

/** What node:tls needs for one connection. Throws a TlsError that names the option at fault. */
export async function secureOptions(tls: TlsOptions): Promise<ConnectionOptions> {
  const [ca, cert, key] = await Promise.all([
    pemOf("ca", tls.ca),
    tls.cert === undefined ? undefined : pemOf("cert", tls.cert),
    tls.key === undefined ? undefined : pemOf("key", tls.key),
  ]);
  const { serverName } = tls;
  try {
    return {
      secureContext: createSecureContext({
        ca,
        ...(cert === undefined ? {} : { cert }),
        ...(key === undefined ? {} : { key }),
      }),
      checkServerIdentity: (_, certificate) =>
        serverName === undefined ? undefined : checkServerIdentity(serverName, certificate),
      ...(serverName === undefined ? {} : { servername: serverName }),
    };
  } catch (error) {
    throw new TlsError(`tls: ca, cert and key cannot be used together: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

async function pemOf(option: string, pem: Pem): Promise<string> {
  if (typeof pem === "string") {
    return pem;
  }
  try {
    return await readFile(pem.file, "utf8");
  } catch (error) {
    throw new TlsError(`tls: ${option} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

const unsigned = "its certificate is not signed by `ca`";
const complaints: Readonly<Record<string, string>> = {
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unsigned,
  UNABLE_TO_GET_ISSUER_CERT: unsigned,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unsigned,
  SELF_SIGNED_CERT_IN_CHAIN: unsigned,
  DEPTH_ZERO_SELF_SIGNED_CERT: unsigned,
  CERT_SIGNATURE_FAILURE: unsigned,
  CERT_HAS_EXPIRED: "its certificate has expired",
  CERT_NOT_YET_VALID: "its certificate is not valid yet",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another name than `serverName`",
  ERR_SSL_WRONG_VERSION_NUMBER: "does it speak TLS there?",
  ERR_TLS_HANDSHAKE: "it ended the handshake: does it speak TLS there?",
};

/** The error of an ssl: socket in the words of its options; any other error as it is. */
export function explained(remote: Remote, error: Error, during: "handshake" | "talk" = "talk"): Error {
  if (remote.kind !== "ssl" || error instanceof TlsError) {
    return error;
  }
  const given = "code" in error ? String(error.code) : "";
  const code = given === "ECONNRESET" && during === "handshake" ? "ERR_TLS_HANDSHAKE" : given;
  const complaint =
    complaints[code] ??
    (/^ERR_SSL_.*(?:ALERT|ERROR)/.test(code)
      ? "it refused this client's certificate, or the lack of one (`cert`, `key`)"
      : undefined);
  return complaint === undefined
    ? error
    : new TlsError(`${remote.text}: ${complaint} (${code})`, { cause: error });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
