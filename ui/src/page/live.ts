/** What the server tells by itself: that a run was written to, or that there are other runs. */

import { Refusal } from "../host";
import type { Json } from "../json";
import { connection, type Connection } from "./connection.svelte";

export interface Changed {
  readonly version: number;
  readonly stamp: string;
  readonly steps: number;
  readonly status: string;
}

interface Listener {
  readonly changed?: (event: Changed) => void;
  readonly runs?: () => void;
  /** Called with why the run cannot be read any more: its file vanished, or is another's. */
  readonly refused?: (refusal: Refusal) => void;
  /** Called when the server is gone, when it is back, and when another one stands in its place. */
  readonly connected?: (state: Connection) => void;
}

/** After how long to try again where the browser has given up, ms. */
const AGAIN_MS = 2000;

/**
 * Listen; returns how to stop. A browser connects again by itself when a connection breaks. When
 * the server was started anew it answers 403, as long as its new address was not opened in this
 * browser; a browser takes that for the end, so we try again.
 */
export function listen(run: string | undefined, listener: Listener): () => void {
  const query = run === undefined ? "" : `?run=${encodeURIComponent(run)}`;
  let events: EventSource;
  let waiting: ReturnType<typeof setTimeout> | undefined;
  let over = false;

  function stands(state: Connection): void {
    connection.state = state;
    listener.connected?.(state);
  }

  function connect(): void {
    events = new EventSource(`/api/events${query}`);
    events.addEventListener("changed", (event) => {
      listener.changed?.(JSON.parse((event as MessageEvent<string>).data) as Changed);
    });
    events.addEventListener("runs", () => listener.runs?.());
    events.addEventListener("refusal", (event) => {
      const refusal = Refusal.in(JSON.parse((event as MessageEvent<string>).data) as Json);
      if (refusal) listener.refused?.(refusal);
    });
    // what is shown, as the command names it
    events.addEventListener("shown", (event) => {
      const shown = JSON.parse((event as MessageEvent<string>).data) as string;
      connection.command = `chainrule view ${shown} --port ${location.port}`;
    });
    events.onopen = () => stands("back");
    events.onerror = () => {
      if (events.readyState !== EventSource.CLOSED) {
        stands("gone");
        return;
      }
      // an EventSource does not say why it was closed
      void fetch("/static/icon.svg", { method: "HEAD" })
        .then(({ status }) => (status === 403 ? "renewed" : "gone"))
        .catch(() => "gone" as const)
        .then((state) => {
          if (!over) stands(state as Connection);
        });
      waiting = setTimeout(connect, AGAIN_MS);
    };
  }

  connect();
  return () => {
    over = true;
    clearTimeout(waiting);
    events.close();
  };
}
