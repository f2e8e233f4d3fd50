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

export interface Solved {
  /** The last right answer to an exercise; empty if there is none. */
  by(exercise: string): string;
  /** Note a right answer, which is in the learner's file by now: a lesson is drawn anew in another language. */
  note(exercise: string, answer: string): void;
}

export function provideSolved(solved: Solved): void {
  setContext(KEY, solved);
}

export function useSolved(): Solved {
  return getContext<Solved>(KEY);
}
