/** The command was typed wrongly: exit code 2, with a word on how it is typed. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "UsageError";
  }
}
