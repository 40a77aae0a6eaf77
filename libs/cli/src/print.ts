/** stdout carries the answer and nothing else; what is said beside it goes to stderr. */

/** Resolves once it is written, so that a reader that is slow or gone is noticed. */
export function print(text: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
  });
}

export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}
