/** Where the page is: kept in the part of the URL after #, so every state is a link to share. */

export interface Route {
  /** The parts of the path: `["run", "digits", "chain"]`; empty at the start page. */
  readonly path: readonly string[];
  readonly parameters: Readonly<Record<string, string>>;
}

export function parseRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#?\/?/, "").split("?", 2);
  return {
    path: path.split("/").filter(Boolean).map(decoded),
    parameters: Object.fromEntries(
      query.split("&").filter(Boolean).map((pair) => {
        const at = `${pair}=`.indexOf("=");
        return [decoded(pair.slice(0, at)), decoded(pair.slice(at + 1))];
      }),
    ),
  };
}

export function hashOf({ path, parameters }: Route): string {
  const query = Object.entries(parameters)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join("&");
  return `#/${path.map(encodeURIComponent).join("/")}${query && `?${query}`}`;
}

/** A plus stays one, unlike in a form's query: people type formulas into the address, too. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a lone %
  }
}

/** Go somewhere, with a new entry in the browser's history. */
export function go(route: Route): void {
  location.hash = hashOf(route);
}

/** Say where we are without a new entry: for sliders, which would make a hundred. */
export function note(route: Route): void {
  history.replaceState(null, "", hashOf(route));
}
