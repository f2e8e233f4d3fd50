/** Who reads: their language, and the words of the course in it, from the catalogue of Python. */
import { getContext, setContext } from "svelte";
import { provideWords, type Tell } from "../words";
import type { Host } from "../host";
import type { CourseDocument } from "./document";

const KEY = Symbol("reader");

export interface Reader {
  /** `en`, `de` …; to be handed to each question. */
  readonly language: string;
  /** All lessons, in that language. */
  readonly course: CourseDocument;
  readonly say: Tell;
}

/** Give a component and all within it their reader. */
export function provideReader(course: () => CourseDocument): Reader {
  const reader: Reader = {
    get language() {
      return course().language;
    },
    get course() {
      return course();
    },
    say: provideWords(() => course().words),
  };
  setContext(KEY, reader);
  return reader;
}

/** A host that tells Python the reader's language, and views their words in it. */
export function speaking(host: Host, reader: Reader): Host {
  return {
    ...host,
    ask: (question, parameters, options) => host.ask(question, { language: reader.language, ...parameters }, options),
    get words() {
      return reader.course.words;
    },
  };
}

export function useReader(): Reader {
  return getContext<Reader>(KEY);
}
