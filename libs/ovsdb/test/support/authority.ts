/**
 * A certificate authority for one test, in its own folder: what ovs-pki does, for a day.
 * Runs openssl, writes PEM files.
 * Which end shows which of them is left to the tests.
 */
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A certificate with its key, and the authority that the other end must be signed by. */
export interface Identity {
  readonly ca: { readonly file: string };
  readonly cert: { readonly file: string };
  readonly key: { readonly file: string };
}

export class Authority {
  readonly #folder: string;
  readonly #name: string;

  private constructor(folder: string, name: string) {
    this.#folder = folder;
    this.#name = name;
  }

  static async make(folder: string, name: string): Promise<Authority> {
    const authority = new Authority(folder, name);
    const { key, cert } = authority.#files(name);
    await openssl(
      `req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=${name} -keyout ${key.file} -out ${cert.file}`,
    );
    return authority;
  }

  /** An identity under a name in this folder, with the host's name in its certificate where one is given. */
  async issue(name: string, host?: string): Promise<Identity> {
    const { key, cert } = this.#files(name);
    const authority = this.#files(this.#name);
    const request = join(this.#folder, `${name}.csr`);
    const extensions = join(this.#folder, `${name}.ext`);
    await writeFile(extensions, host === undefined ? "" : `subjectAltName=DNS:${host}\n`);
    await openssl(`req -newkey rsa:2048 -nodes -subj /CN=${name} -keyout ${key.file} -out ${request}`);
    const signer = `-CA ${authority.cert.file} -CAkey ${authority.key.file} -CAcreateserial`;
    await openssl(`x509 -req -days 1 -in ${request} -out ${cert.file} -extfile ${extensions} ${signer}`);
    return { ca: authority.cert, cert, key };
  }

  #files(name: string): {
    readonly cert: { readonly file: string };
    readonly key: { readonly file: string };
  } {
    const file = (ending: string) => ({ file: join(this.#folder, `${name}.${ending}`) });
    return { cert: file("pem"), key: file("key") };
  }
}

function openssl(words: string): Promise<unknown> {
  return run("openssl", words.split(" "));
}
