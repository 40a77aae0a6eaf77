/** Revisions: who says what they changed is refused when somebody else changed it meanwhile. */
import type { Finding } from "./finding.ts";
import { finding } from "./finding.ts";
import type { Candidate, SoundPart } from "./parse-documents.ts";
import type { KnownIntents } from "./wanted-world.ts";

export function checkRevisions(
  before: KnownIntents,
  candidates: readonly (Candidate | SoundPart)[],
  request: { readonly count: number; readonly ifRevision: number | undefined },
): Finding[] {
  const own = candidates.flatMap((candidate) =>
    checkRevision(before, candidate, {
      revision: candidate.revision,
      path: `${candidate.path}.metadata.revision`,
    }),
  );
  if (request.ifRevision === undefined) return own;
  if (request.count !== 1)
    return [...own, finding("invalid-request", "ifRevision", "goes with exactly one document")];
  const { ifRevision: revision } = request;
  return [
    ...own,
    ...candidates.flatMap((candidate) => checkRevision(before, candidate, { revision, path: "ifRevision" })),
  ];
}

/** Revision 0 means: it must not be there yet. */
function checkRevision(
  before: KnownIntents,
  { key }: Candidate | SoundPart,
  said: { readonly revision: number | undefined; readonly path: string },
): Finding[] {
  if (said.revision === undefined) return [];
  const current = before.get(key)?.revision ?? 0;
  if (said.revision === current) return [];
  const message =
    current === 0
      ? `is ${said.revision}, but the resource is not there (any more)`
      : `is ${said.revision}, but the resource is at ${current}`;
  return [finding("conflict", said.path, message)];
}
