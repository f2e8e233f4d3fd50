/** Which exercises of lessons were answered rightly, here, in another browser or in the terminal. */
import { getContext, setContext } from "svelte";
import type { Host } from "../host";
import { as, type SolvedDocument } from "./document";

const KEY = Symbol("solved");
const NOTHING: SolvedDocument = { exercises: {}, lessons: [] };

/** What the learner's file says; nothing if it cannot be read, for which Progress says why. */
export async function solvedOf(host: Host): Promise<SolvedDocument> {
  try {
    return as<SolvedDocument>(await host.ask("solved"));
  } catch {
    return NOTHING;
  }
}

export function provideSolved(solved: () => SolvedDocument | undefined): void {
  setContext(KEY, solved);
}

/** The last right answer to an exercise; empty if there is none. */
export function useSolved(): (exercise: string) => string {
  const solved = getContext<() => SolvedDocument | undefined>(KEY);
  return (exercise) => solved()?.exercises[exercise] ?? "";
}
