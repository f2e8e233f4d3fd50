/**
 * How graphs are laid out: dagre, which is a file of its own, since most pages draw no graph. A
 * saved report can fetch nothing, so it has it inside (`report.ts`).
 */
import type * as Module from "@dagrejs/dagre";
import type { Host } from "./host";
import { later } from "./words";

export type Dagre = Pick<typeof Module, "Graph" | "layout">;

/** What to say where it cannot be fetched; the tables beside a picture need it not. */
export const NO_GRAPHS = later("The picture of the graph cannot be drawn: its file does not arrive. Load the page again.");

let known: Promise<Dagre> | undefined;

/** Say once what it is, where it is at hand. */
export function provide(dagre: Dagre): void {
  known = Promise.resolve(dagre);
}

/**
 * Fetched when it is first asked for.
 *
 * @throws Error if it is not there.
 */
export function dagreOf(host: Host): Promise<Dagre> {
  known ??= fetched(host).catch((error: unknown) => {
    known = undefined; // a server that comes back has it
    throw error;
  });
  return known;
}

async function fetched(host: Host): Promise<Dagre> {
  const url = await host.file("graphs.js");
  if (url === undefined) throw new Error("There is no graphs.js.");
  return (await import(/* @vite-ignore */ url)) as Dagre;
}
