/** From where somebody came to a lesson: a finding of their own run. */
import { getContext, setContext } from "svelte";

export interface Came {
  readonly run: string;
  readonly step: number;
  /** Empty where it was not said. */
  readonly fault: string;
  readonly place: string;
}

const KEY = Symbol("came");

/** What the parameters of a lesson's address say of it. */
export function cameFrom({ run, step, fault, place }: Readonly<Record<string, string>>): Came | undefined {
  if (!run || !/^\d+$/.test(step ?? "")) return undefined;
  return { run, step: Number(step), fault: fault ?? "", place: place ?? "" };
}

export function provideCame(came: () => Came | undefined): void {
  setContext(KEY, came);
}

export function useCame(): Came | undefined {
  return getContext<() => Came | undefined>(KEY)();
}
