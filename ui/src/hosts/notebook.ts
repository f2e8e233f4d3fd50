/** A notebook's host: the traits of an anywidget model, and questions to the kernel as messages. */
import type { Json } from "../json";
import type { ViewDocument } from "../documents";
import type { AskOptions, Host } from "../host";
import { Refusal } from "../host";

/** What anywidget hands to `render`. */
export interface AnyModel {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  on(event: string, callback: (...values: never[]) => void): void;
  off(event: string, callback?: (...values: never[]) => void): void;
  send(content: unknown): void;
}

interface Reply {
  readonly id: string;
  readonly kind: "progress" | "answer";
  readonly done?: number;
  readonly total?: number;
  readonly sentence?: string;
  readonly answer?: Json;
}

let asked = 0;

/** Wrap a model; see `chainrule/faces/notebook/` for the other end. */
export function notebookHost(model: AnyModel): Host {
  const fonts = (model.get("fonts") ?? {}) as Record<string, string>;
  return {
    document: model.get("document") as ViewDocument,
    canAsk: true,
    file: (name) => fonts[name],
    ask: (question, parameters = {}, options = {}) => ask(model, question, parameters, options),
    subscribe(changed) {
      const listener = () => changed(model.get("document") as ViewDocument);
      model.on("change:document", listener);
      return () => model.off("change:document", listener);
    },
    set(name, value) {
      model.set("value", { ...(model.get("value") as object), [name]: value });
      model.save_changes();
    },
  };
}

function ask(
  model: AnyModel,
  question: string,
  parameters: Record<string, Json>,
  { signal, progress }: AskOptions,
): Promise<Json> {
  const id = `${Date.now()}-${asked++}`;
  return new Promise((resolve, reject) => {
    const end = () => {
      model.off("msg:custom", hear as (...values: never[]) => void);
      signal?.removeEventListener("abort", stop);
    };
    const stop = () => {
      model.send({ kind: "cancel", id });
      end();
      reject(new DOMException("The question was cancelled.", "AbortError"));
    };
    const hear = (reply: Reply) => {
      if (reply.id !== id) return;
      if (reply.kind === "progress") {
        const { done = 0, total = 0, sentence = "" } = reply;
        progress?.({ done, total, sentence });
        return;
      }
      end();
      const answer = reply.answer ?? null;
      const refusal = Refusal.in(answer);
      if (refusal) reject(refusal);
      else resolve(answer);
    };
    if (signal?.aborted) return stop();
    signal?.addEventListener("abort", stop);
    model.on("msg:custom", hear as (...values: never[]) => void);
    model.send({ kind: "ask", id, question, parameters });
  });
}
