/** A question and what has become of it, for a view to show. */
import type { Host, Progress } from "../host";
import type { Json } from "../json";

/**
 * The last good answer stays while a new question is on its way or is refused, so that a picture
 * does not vanish under the reader's hands.
 */
export class Asked<T extends Json> {
  answer = $state.raw<T | undefined>();
  error = $state.raw<unknown>();
  progress = $state.raw<Progress | undefined>();
  waiting = $state(false);

  #controller: AbortController | undefined;
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  /** Ask; a question that is still on its way is given up. */
  async ask(question: string, parameters: Record<string, Json>): Promise<void> {
    this.#controller?.abort();
    const controller = new AbortController();
    this.#controller = controller;
    this.waiting = true;
    this.progress = undefined;
    try {
      const answer = await this.#host.ask(question, parameters, {
        signal: controller.signal,
        progress: (progress) => (this.progress = progress),
      });
      if (controller.signal.aborted) return;
      this.answer = answer as T;
      this.error = undefined;
    } catch (error) {
      if (controller.signal.aborted) return;
      this.error = error;
    } finally {
      if (this.#controller === controller) this.waiting = false;
    }
  }

  cancel(): void {
    this.#controller?.abort();
    this.waiting = false;
  }
}
