/** The findings that another one explains, as the tree that they form. */
import type { Consequence, Finding } from "./document";

export interface Branch {
  readonly consequence: Consequence;
  /** What follows from it in turn. */
  readonly branches: readonly Branch[];
}

/** Each consequence below what it follows from: the nearest one before it that is less deep. */
export function treeOf(links: readonly Consequence[]): readonly Branch[] {
  const roots: Branch[] = [];
  const line: { depth: number; branches: Branch[] }[] = [];
  for (const consequence of links) {
    while ((line.at(-1)?.depth ?? -1) >= consequence.depth) line.pop();
    const branches: Branch[] = [];
    (line.at(-1)?.branches ?? roots).push({ consequence, branches });
    line.push({ depth: consequence.depth, branches });
  }
  return roots;
}

/** The consequences that are no findings of their own. */
export function remarksOf({ consequences, links }: Finding): readonly string[] {
  const told = new Set(links.map(({ fault, title }) => `${fault}: ${title}`));
  return consequences.filter((sentence) => !told.has(sentence));
}
