/** Names of regions, which on a page with the views of several runs must tell whose they are. */
import { getContext, setContext } from "svelte";

const KEY = Symbol("regions");

/** Say to all within a component which part of the page they are in. */
export function inPart(part: string): void {
  setContext(KEY, part);
}

/** What a region is called: by its own name, where no other has it. */
export function useRegions(): (name: string) => string {
  const part = getContext<string | undefined>(KEY);
  return (name) => (part ? `${name} (${part})` : name);
}
