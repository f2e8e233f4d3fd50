/** Where the page is: kept in the part of the URL after #, so every state is a link to share. */

export interface Route {
  /** The parts of the path: `["run", "digits", "chain"]`; empty at the start page. */
  readonly path: readonly string[];
  readonly parameters: Readonly<Record<string, string>>;
}

export function parseRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#?\/?/, "").split("?", 2);
  return {
    path: path.split("/").filter(Boolean).map(decodeURIComponent),
    parameters: Object.fromEntries(new URLSearchParams(query)),
  };
}

export function hashOf({ path, parameters }: Route): string {
  const query = new URLSearchParams(parameters).toString();
  return `#/${path.map(encodeURIComponent).join("/")}${query && `?${query}`}`;
}

/** Go somewhere, with a new entry in the browser's history. */
export function go(route: Route): void {
  location.hash = hashOf(route);
}

/** Say where we are without a new entry: for sliders, which would make a hundred. */
export function note(route: Route): void {
  history.replaceState(null, "", hashOf(route));
}
