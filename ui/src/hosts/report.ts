/** A saved report's host: everything that it can show lies in the file. */
import type { Json } from "../json";
import type { ViewDocument } from "../documents";
import type { Host } from "../host";
import { Refusal } from "../host";

interface Contents {
  /** What to draw. */
  readonly document: ViewDocument;
  /** Answers to questions that the views ask, by question and parameters: see `key`. */
  readonly answers: Record<string, Json>;
  /** Fonts by file name, as data URIs. */
  readonly fonts: Record<string, string>;
}

/** The name under which an answer is kept: parameters in the order of their names. */
function key(question: string, parameters: Record<string, Json>): string {
  const names = Object.keys(parameters).sort();
  return JSON.stringify([question, ...names.map((name) => [name, parameters[name]])]);
}

export function reportHost(root: Document): Host {
  const element = root.getElementById("chainrule-contents");
  const contents = JSON.parse(element?.textContent ?? "null") as Contents;
  return {
    document: contents.document,
    canAsk: false,
    file: (name) => contents.fonts[name],
    ask(question, parameters = {}) {
      const answer = contents.answers[key(question, parameters)];
      if (answer !== undefined) return Promise.resolve(answer);
      return Promise.reject(
        new Refusal("This is a saved report, and this was not saved in it: open the run itself."),
      );
    },
    subscribe: () => () => undefined,
  };
}
