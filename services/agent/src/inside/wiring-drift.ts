/** What one look says of a placement's wiring: the first thing that is not as it was made. Pure. */
import type { SeenPlacement } from "@weft/decide";
import type { Place } from "../wiring/plan.ts";
import type { Drift } from "./drifts.ts";
import { factsInside, factsOfHostEnds, presenceFact } from "./facts.ts";
import { hostQuestion, questionId } from "./look-script.ts";
import type { Looked } from "./look-script.ts";

export function wiringDrift(
  placement: SeenPlacement["placement"],
  places: readonly Place[],
  answers: ReadonlyMap<string, Looked>,
): Drift {
  const missing = (facts: readonly string[], looked: Looked | undefined) =>
    looked === undefined ? [] : facts.filter((fact) => !looked.facts.has(fact));
  const inside = places.flatMap(({ contents }, index) =>
    missing(factsInside(contents), answers.get(questionId(placement.uid, index))),
  );
  const [first] = [
    ...inside,
    ...(places.length === 0 ? [] : missing(factsOfHostEnds(placement), answers.get(hostQuestion))),
  ];
  const isPresence = (fact: string) => fact.startsWith(presenceFact(""));
  const detached = inside.find(isPresence);
  if (detached !== undefined) return { detached };
  return first === undefined ? {} : { wiring: first };
}
