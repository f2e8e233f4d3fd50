/** What the lessons borrow from the views, which are in a bundle that is there already. */
import type katex from "katex";
import type { Host } from "../host";

export interface Tools {
  /** KaTeX, which is a third of the views. */
  readonly katex: Pick<typeof katex, "render">;
  /** Draw a document of another view in an element; returns how to take it away again. */
  readonly view: (element: HTMLElement, host: Host) => () => void;
}

let given: Tools | undefined;

export function provide(tools: Tools): void {
  given = tools;
}

/** @throws Error before the lessons are mounted. */
export function tools(): Tools {
  if (given === undefined) throw new Error("The lessons are not mounted.");
  return given;
}
