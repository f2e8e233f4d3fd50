/**
 * The words of a view in its reader's language. English stands in the sources; a host may have other
 * words for it, from the catalogue of Python, which `python -m chainrule.learning.locale` collects
 * from what is given to `tell`, `say` of a lesson's reader, and `later`.
 */
import { getContext, setContext } from "svelte";

/** Translations by their English. */
export type Words = Readonly<Record<string, string>>;

/** A text in the reader's language; `{name}` in it is replaced by a number or a text. */
export type Tell = (english: string, values?: Readonly<Record<string, string | number>>) => string;

const KEY = Symbol("words");

/** `tell` for words that may change while it is used. */
export function teller(words: () => Words | undefined): Tell {
  return (english, values = {}) =>
    (words()?.[english] || english).replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** Give a component and all within it their words. */
export function provideWords(words: () => Words | undefined): Tell {
  return setContext(KEY, teller(words));
}

/** English where nobody gave others. */
export function useWords(): Tell {
  return getContext<Tell | undefined>(KEY) ?? teller(() => undefined);
}

/** A text that is told where it is shown. */
export const later = (english: string): string => english;
