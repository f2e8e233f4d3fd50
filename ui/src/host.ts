/**
 * How a view gets its document and asks Python. There are three hosts (`hosts/`): the local page
 * asks a server, a notebook its kernel, a saved report nobody.
 */
import type { Json } from "./json";
import type { ViewDocument } from "./documents";
import type { Words } from "./words";

/** How far a long question is. */
export interface Progress {
  readonly done: number;
  /** 0 if it is not known. */
  readonly total: number;
  readonly sentence: string;
}

export interface AskOptions {
  readonly signal?: AbortSignal;
  readonly progress?: (progress: Progress) => void;
}

export interface Host {
  /** What to draw first. */
  readonly document: ViewDocument;
  /** False in a saved report: it can be looked at and moved in, but no new question is answered. */
  readonly canAsk: boolean;
  /**
   * Ask Python one of its questions (`chainrule/faces/views/questions.py`).
   *
   * @throws Refusal if it says why not; DOMException "AbortError" if the signal ended it.
   */
  ask(question: string, parameters?: Record<string, Json>, options?: AskOptions): Promise<Json>;
  /** Be called with a new document when there is one; returns how to stop. */
  subscribe(changed: (document: ViewDocument) => void): () => void;
  /** The URL of another file of ours, such as `surface.js`; undefined if it is not at hand. */
  file(name: string): string | undefined | Promise<string | undefined>;
  /** Of a view within a lesson: its words in the reader's language; English without them. */
  readonly words?: Words | undefined;
  /** On the page: told in which language it is from now on, and its words in it. */
  speaks?(language: string, words: Words): void;
  /** In a notebook: a value that Python can read as `widget.value[name]`. */
  set?(name: string, value: Json): void;
  /** On the page: the parameters in its URL, and how to put others there for a link to share. */
  readonly link?: {
    readonly parameters: Readonly<Record<string, string>>;
    note(parameters: Readonly<Record<string, string>>): void;
  };
}

/** A question that Python answers with a sentence instead of a document. */
export class Refusal extends Error {
  override readonly name = "Refusal";

  constructor(
    sentence: string,
    /** The parameter that is at fault. */
    readonly field?: string,
    /** Where in it, counted from 0. */
    readonly column?: number,
    /** The text in which the column is. */
    readonly text?: string,
    /** The question that can be asked of the same. */
    readonly instead?: string,
  ) {
    super(sentence);
  }

  /** The refusal in an answer, if it is one. */
  static in(answer: Json): Refusal | undefined {
    if (answer === null || typeof answer !== "object" || Array.isArray(answer)) return undefined;
    const error = answer.error;
    if (error === null || typeof error !== "object" || Array.isArray(error)) return undefined;
    const { sentence, field, column, text, instead } = error as Record<string, Json | undefined>;
    if (typeof sentence !== "string") return undefined;
    return new Refusal(
      sentence,
      typeof field === "string" ? field : undefined,
      typeof column === "number" ? column : undefined,
      typeof text === "string" ? text : undefined,
      typeof instead === "string" ? instead : undefined,
    );
  }
}

/** Whether an error is a refusal; of another bundle's copy of the class, too. */
export function isRefusal(error: unknown): error is Refusal {
  return error instanceof Error && error.name === "Refusal";
}
