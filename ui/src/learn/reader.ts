/** Who reads: their language, and the words of the course in it, from the catalogue of Python. */
import { getContext, setContext } from "svelte";
import type { CourseDocument } from "./document";

const KEY = Symbol("reader");

/** A word in the reader's language; `{name}` in it is replaced by a number or a text. */
export type Say = (english: string, values?: Readonly<Record<string, string | number>>) => string;

export interface Reader {
  /** `en`, `de` …; to be handed to each question. */
  readonly language: string;
  /** All lessons, in that language. */
  readonly course: CourseDocument;
  /** `python -m chainrule.learning.locale` collects what is given to `say`. */
  readonly say: Say;
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
    say: (english, values = {}) =>
      (course().words[english] || english).replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole)),
  };
  setContext(KEY, reader);
  return reader;
}

export function useReader(): Reader {
  return getContext<Reader>(KEY);
}
