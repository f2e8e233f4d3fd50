/** The step and the backward pass that are looked at, and what is known of others. */
import type { Host } from "../../host";
import type { Json } from "../../json";
import type { ChainDocument } from "./document";

/** Documents kept: a reader drags back and forth over a few dozen steps. */
const KEPT = 60;

/** How long a slider rests before Python is asked, ms. */
const REST_MS = 40;

export class Steps {
  /** What is drawn: the last good answer, while another one is on its way. */
  shown: ChainDocument;
  /** The newest list of sampled steps. */
  list: readonly number[];
  /** Where the slider stands: an index into `list`. */
  at: number;
  /** Whether a new step of a live run is shown as it comes. */
  following: boolean;
  chosenPass: number | undefined = $state();
  waiting = $state(false);
  error: unknown = $state.raw();

  readonly #host: Host;
  readonly #known = new Map<string, ChainDocument>();
  #controller: AbortController | undefined;
  #resting: ReturnType<typeof setTimeout> | undefined;

  constructor(host: Host, document: ChainDocument) {
    this.#host = host;
    this.shown = $state.raw(document);
    this.list = $state.raw(document.steps);
    this.at = $state(placeOf(document.steps, document.step));
    const pass = host.link?.parameters.pass;
    if (pass !== undefined) this.chosenPass = document.backward_pass;
    this.following = $state(document.step === document.steps.at(-1));
    this.#keep(document);
  }

  /** The sampled step at the slider. */
  get step(): number {
    return this.list[this.at] ?? this.shown.step;
  }

  /** A new document of a live run: shown if the reader is at the last step. */
  arrived(document: ChainDocument): void {
    if (document === this.shown) return;
    const stays = this.step;
    this.list = document.steps;
    this.#keep(document);
    if (!this.following) {
      // the step that is looked at stays where it is
      this.at = placeOf(this.list, stays);
      return;
    }
    this.at = this.list.length - 1;
    const fits = this.chosenPass === undefined || this.chosenPass === document.backward_pass;
    const known = this.#known.get(this.#key());
    if (document.step === this.list.at(-1) && fits) this.#show(document);
    else if (known) this.#show(known);
    else this.#ask();
  }

  /** Move to a sampled step by its place in the list. */
  move(to: number): void {
    this.at = Math.min(Math.max(to, 0), this.list.length - 1);
    this.following = this.at === this.list.length - 1;
    clearTimeout(this.#resting);
    const known = this.#known.get(this.#key());
    if (known) {
      this.#controller?.abort();
      this.waiting = false;
      this.#show(known);
      return;
    }
    this.waiting = true;
    this.#resting = setTimeout(() => this.#ask(), REST_MS);
  }

  askPass(pass: number): void {
    this.chosenPass = pass;
    this.move(this.at);
  }

  #key(): string {
    return `${this.step}/${this.chosenPass ?? ""}`;
  }

  #keep(document: ChainDocument): void {
    const keys = [`${document.step}/${document.backward_pass}`];
    // without a chosen pass Python takes one
    if (this.chosenPass === undefined) keys.push(`${document.step}/`);
    for (const key of keys) {
      this.#known.delete(key);
      this.#known.set(key, document);
    }
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= KEPT) break;
      this.#known.delete(oldest);
    }
  }

  #show(document: ChainDocument): void {
    this.shown = document;
    this.error = undefined;
  }

  #ask(): void {
    this.#controller?.abort();
    const controller = new AbortController();
    this.#controller = controller;
    this.waiting = true;
    const parameters: Record<string, Json> = { run: this.shown.run, step: this.step };
    if (this.chosenPass !== undefined) parameters.backward_pass = this.chosenPass;
    this.#host
      .ask("chain", parameters, { signal: controller.signal })
      .then((answer) => {
        if (controller.signal.aborted) return;
        const document = answer as unknown as ChainDocument;
        this.#keep(document);
        this.#show(document);
      })
      .catch((error: unknown) => {
        if (!controller.signal.aborted) this.error = error;
      })
      .finally(() => {
        if (this.#controller === controller) this.waiting = false;
      });
  }
}

/** Place of a step in an ascending list, or of the one nearest to it. */
function placeOf(list: readonly number[], step: number): number {
  let best = 0;
  list.forEach((other, i) => {
    if (Math.abs(other - step) < Math.abs((list[best] ?? 0) - step)) best = i;
  });
  return best;
}
