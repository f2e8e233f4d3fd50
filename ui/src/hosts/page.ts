/** The local page's host: questions over HTTP, long ones as jobs whose progress is streamed. */
import type { Json } from "../json";
import type { ViewDocument } from "../documents";
import type { AskOptions, Host } from "../host";
import { Refusal } from "../host";
import { later } from "../words";

const LOST = later("The server does not answer: is `chainrule view` still running?");

/** A host for one document; `changes` tells when it is worth asking for it again. */
export function pageHost(
  document: ViewDocument,
  subscribe: Host["subscribe"] = () => () => undefined,
): Host {
  return { document, canAsk: true, ask, subscribe, file: (name) => `/static/${name}` };
}

/** Questions that take long, and so are run as jobs; the server says so of others by status 409. */
const LONG = new Set(["slice", "critical"]);

/** Questions that change what is kept, or hand out what is the learner's own. */
const BY_POST = new Set(["answer", "wall", "export-progress", "erase-progress"]);

export async function ask(
  question: string,
  parameters: Record<string, Json> = {},
  options: AskOptions = {},
): Promise<Json> {
  if (LONG.has(question)) return job(question, parameters, options);
  const url = `/api/ask/${question}`;
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    query.set(name, typeof value === "string" ? value : JSON.stringify(value));
  }
  const answer = BY_POST.has(question)
    ? await answered(url, options.signal, parameters)
    : await answered(`${url}?${query}`, options.signal);
  const refusal = Refusal.in(answer);
  if (refusal) throw refusal;
  return answer;
}

async function answered(url: string, signal: AbortSignal | undefined, body?: Json): Promise<Json> {
  let response: Response;
  try {
    response = await fetch(url, {
      signal: signal ?? null,
      ...(body === undefined
        ? {}
        : {
            method: "POST",
            body: JSON.stringify(body),
            headers: { "Content-Type": "application/json" },
          }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Refusal(LOST);
  }
  try {
    return (await response.json()) as Json;
  } catch {
    throw new Refusal(`The server answered with status ${response.status} and no sentence.`);
  }
}

async function job(
  question: string,
  parameters: Record<string, Json>,
  { signal, progress }: AskOptions,
): Promise<Json> {
  const begun = await answered("/api/jobs", signal, { question, parameters });
  const refusal = Refusal.in(begun);
  if (refusal) throw refusal;
  const id = (begun as { job: string }).job;
  const url = `/api/jobs/${id}`;
  return new Promise((resolve, reject) => {
    const events = new EventSource(`${url}/events`);
    const end = () => {
      events.close();
      signal?.removeEventListener("abort", stop);
    };
    const stop = () => {
      void fetch(url, { method: "DELETE" });
      end();
      reject(new DOMException("The question was cancelled.", "AbortError"));
    };
    if (signal?.aborted) return stop();
    signal?.addEventListener("abort", stop);
    events.addEventListener("progress", (event) => {
      progress?.(JSON.parse((event as MessageEvent<string>).data));
    });
    events.addEventListener("answer", (event) => {
      end();
      resolve(JSON.parse((event as MessageEvent<string>).data));
    });
    events.addEventListener("refusal", (event) => {
      end();
      const answer = JSON.parse((event as MessageEvent<string>).data) as Json;
      reject(Refusal.in(answer) ?? new Refusal(String(answer)));
    });
    events.onerror = () => {
      if (events.readyState === EventSource.CLOSED) {
        end();
        reject(new Refusal(LOST));
      }
    };
  });
}
