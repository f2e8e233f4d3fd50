/** A saved report's host: everything that it can show lies in the file. */
import type { Json } from "../json";
import type { ViewDocument } from "../documents";
import type { Host } from "../host";
import { Refusal } from "../host";

/** What `chainrule/faces/report/` puts into the file. */
interface Contents {
  /** What to draw. */
  readonly document: ViewDocument;
  /** Where in `documents` the answer to a question is: see `key`. */
  readonly answers: Record<string, number>;
  readonly documents: readonly Json[];
  /** Fonts by file name, as data URIs. */
  readonly fonts: Record<string, string>;
}

/** A saved file is at hand at once. */
interface Fonts {
  file(name: string): string | undefined;
}

const NOT_SAVED =
  "This is a saved report, and the answer to this was not saved in it: open the run itself with chainrule view.";

/** The name under which an answer is kept: parameters in the order of their names. */
function key(question: string, parameters: Record<string, Json>): string {
  const names = Object.keys(parameters).sort();
  return JSON.stringify([question, ...names.map((name) => [name, parameters[name]])]);
}

/**
 * The host of the report in a page.
 *
 * @throws Error if the file is damaged.
 */
export async function reportHost(root: Document): Promise<Host & Fonts> {
  const element = root.getElementById("chainrule-contents");
  const { document, answers, documents, fonts } = await unpacked(element?.textContent ?? "");
  return {
    document,
    canAsk: false,
    file: (name) => fonts[name],
    ask(question, parameters = {}) {
      const place = answers[key(question, parameters)];
      const answer = place === undefined ? undefined : documents[place];
      return answer === undefined ? Promise.reject(new Refusal(NOT_SAVED)) : Promise.resolve(answer);
    },
    subscribe: () => () => undefined,
  };
}

/** JSON that was compressed by gzip and written in base64. */
async function unpacked(text: string): Promise<Contents> {
  const packed = Uint8Array.from(atob(text.trim()), (sign) => sign.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return (await new Response(stream).json()) as Contents;
}
