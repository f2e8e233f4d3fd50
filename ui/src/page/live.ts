/** What the server tells by itself: that a run was written to, or that there are other runs. */

export interface Changed {
  readonly version: number;
  readonly steps: number;
  readonly status: string;
}

interface Listener {
  readonly changed?: (event: Changed) => void;
  readonly runs?: () => void;
  /** Called with false when the server is gone, with true when it is back. */
  readonly connected?: (is: boolean) => void;
}

/** Listen; the browser connects again by itself when the server was away. Returns how to stop. */
export function listen(run: string | undefined, listener: Listener): () => void {
  const query = run === undefined ? "" : `?run=${encodeURIComponent(run)}`;
  const events = new EventSource(`/api/events${query}`);
  events.addEventListener("changed", (event) => {
    listener.changed?.(JSON.parse((event as MessageEvent<string>).data) as Changed);
  });
  events.addEventListener("runs", () => listener.runs?.());
  events.onopen = () => listener.connected?.(true);
  events.onerror = () => listener.connected?.(false);
  return () => events.close();
}
