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
  readonly kind: "progress" | "answer" | "files";
  readonly done?: number;
  readonly total?: number;
  readonly sentence?: string;
  readonly answer?: Json;
  /** Names of the files that come with this message. */
  readonly names?: readonly string[];
}

type Hearer = (reply: Reply, buffers?: readonly DataView<ArrayBuffer>[]) => void;

const session = Math.random().toString(36).slice(2);
let asked = 0;

/** Files that were asked for, by name. */
const urls: Record<string, Promise<string | undefined>> = {};

/** Wrap a model; see `chainrule/faces/notebook/` for the other end. */
export function notebookHost(model: AnyModel): Host {
  return {
    document: model.get("document") as ViewDocument,
    canAsk: true,
    file: (name) => (urls[name] ??= urlOf(model, name)),
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

/**
 * Keep keys from JupyterLab that are for what has the focus in an element: it takes the arrow keys
 * of sliders, and letters of menus. Shortcuts with Ctrl and the like stay its own.
 */
export function keepKeys(element: HTMLElement): void {
  const decide = (event: KeyboardEvent) => {
    const { target, key, ctrlKey, metaKey, altKey, shiftKey } = event;
    if (!(target instanceof HTMLElement)) return;
    const theirs = ctrlKey || metaKey || altKey || (shiftKey && key === "Enter");
    // its sign for elements that want no shortcuts, which must be on the element itself
    if (theirs) delete target.dataset.lmSuppressShortcuts;
    else target.dataset.lmSuppressShortcuts = "true";
  };
  // JupyterLab listens at the document, so only the window hears of a key before it
  element.addEventListener("focusin", () => window.addEventListener("keydown", decide, true));
  element.addEventListener("focusout", () => window.removeEventListener("keydown", decide, true));
}

/** Files of ours from the kernel, such as all in `fonts/`; a folder ends with "/". */
export function filesFrom(
  model: AnyModel,
  name: string,
): Promise<Map<string, DataView<ArrayBuffer>>> {
  const id = fresh();
  return new Promise((resolve) => {
    const hear: Hearer = (reply, buffers = []) => {
      if (reply.id !== id) return;
      model.off("msg:custom", hear as (...values: never[]) => void);
      const found = (reply.names ?? []).map((each, i) => [each, buffers[i]] as const);
      resolve(new Map(found.filter((pair): pair is [string, DataView<ArrayBuffer>] => !!pair[1])));
    };
    model.on("msg:custom", hear as (...values: never[]) => void);
    model.send({ kind: "files", id, name });
  });
}

async function urlOf(model: AnyModel, name: string): Promise<string | undefined> {
  const file = (await filesFrom(model, name)).get(name);
  if (file === undefined) return undefined;
  return URL.createObjectURL(new Blob([file], { type: "text/javascript" }));
}

function ask(
  model: AnyModel,
  question: string,
  parameters: Record<string, Json>,
  { signal, progress }: AskOptions,
): Promise<Json> {
  const id = fresh();
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
    const hear: Hearer = (reply) => {
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

/** An id that no other widget of this or another browser uses: replies go to all of them. */
function fresh(): string {
  return `${session}-${asked++}`;
}
