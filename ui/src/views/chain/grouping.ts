/** What is drawn of a graph: its operations, and closed modules each as one box. */
import { toNumber } from "../../json";
import type { ChainDocument, ChainNode } from "./document";

/** How far modules are open. */
export interface Openness {
  /** Modules of this depth and below are closed; null: all are open. */
  readonly level: number | null;
  /** Paths of modules that the reader opened besides. */
  readonly opened: ReadonlySet<string>;
}

/** A parameter beside the operation that uses it. */
export interface Tag {
  readonly key: string;
  readonly leaf: number;
  /** Without its module. */
  readonly label: string;
  readonly gain: number;
  /** Operations that use it; their gradients add up. */
  readonly uses: number;
}

export interface Box {
  readonly key: string;
  /** The operation, or the first one of a closed module. */
  readonly first: number;
  /** Operations inside, parameters not counted. */
  readonly count: number;
  /** Index of the closed module. */
  readonly group: number | undefined;
  readonly label: string;
  readonly module: string;
  /** RMS gain along its largest way on; NaN if it ends here. */
  readonly gain: number;
  readonly culprits: number;
  readonly tags: readonly Tag[];
}

export interface Link {
  /** Indices into the boxes. */
  readonly from: number;
  readonly to: number;
  readonly edges: readonly number[];
  /** By the largest contribution to the same box. */
  readonly share: number;
}

export interface Grouped {
  readonly boxes: readonly Box[];
  readonly links: readonly Link[];
  /** Key of the box or tag that shows each node. */
  readonly keyOf: readonly string[];
  readonly boxOf: ReadonlyMap<string, number>;
}

export const nodeKey = (node: number): string => `n${node}`;
export const groupKey = (path: string): string => `g:${path}`;

/** Index of the closed module that hides a node, the outermost one. */
function closedAround(document: ChainDocument, node: ChainNode, open: Openness): number | undefined {
  let found: number | undefined;
  for (let at = node.group; at !== null; ) {
    const group = document.modules[at];
    if (group === undefined) break;
    if (open.level !== null && group.depth >= open.level && !open.opened.has(group.path)) found = at;
    at = group.parent;
  }
  return found;
}

/** Whether a node only hands a gradient to one parameter: such are drawn as its tag. */
function leads(document: ChainDocument): Int32Array {
  const out: number[][] = document.nodes.map(() => []);
  for (const { source, target } of document.edges) out[source]?.push(target);
  const leaf = new Int32Array(document.nodes.length).fill(-1);
  document.nodes.forEach((_, start) => {
    let at = start;
    for (let steps = 0; steps < document.nodes.length; steps += 1) {
      const node = document.nodes[at];
      const on = out[at] ?? [];
      if (node?.parameter !== null || node.kind !== "structure" || on.length !== 1) break;
      at = on[0] as number;
    }
    if (typeof document.nodes[at]?.parameter === "number") leaf[start] = at;
  });
  return leaf;
}

/** Gather nodes into boxes. */
export function grouped(document: ChainDocument, open: Openness): Grouped {
  const { nodes, edges, modules } = document;
  const leafOf = leads(document);
  const closed = nodes.map((node) => closedAround(document, node, open));
  const inside = new Map<number, number>();
  closed.forEach((group, i) => {
    if (group !== undefined && leafOf[i] === -1) inside.set(group, (inside.get(group) ?? 0) + 1);
  });
  // a module of one operation is that operation
  const group = closed.map((at) => (at !== undefined && (inside.get(at) ?? 0) > 1 ? at : undefined));

  const keyOf: string[] = nodes.map((_, i) => {
    const at = group[i];
    if (at !== undefined) return groupKey(modules[at]?.path ?? "");
    return nodeKey(leafOf[i] === -1 ? i : (leafOf[i] as number));
  });

  const names = new Map(document.parameters.map(({ node, name }) => [node, name]));
  const uses = new Map<number, number>();
  const tags = new Map<number, Tag[]>();
  const best = new Map<number, { contribution: number; gain: number }>();
  for (const edge of edges) {
    const leaf = leafOf[edge.target] as number;
    if (leafOf[edge.source] !== -1) continue;
    if (leaf !== -1) uses.set(leaf, (uses.get(leaf) ?? 0) + 1);
    else {
      const contribution = toNumber(edge.contribution);
      const before = best.get(edge.source);
      if (before === undefined || contribution > before.contribution || Number.isNaN(contribution)) {
        best.set(edge.source, { contribution, gain: toNumber(edge.rms_gain) });
      }
    }
  }
  for (const edge of edges) {
    const leaf = leafOf[edge.target] as number;
    if (leaf === -1 || leafOf[edge.source] !== -1 || group[edge.source] !== undefined) continue;
    const name = names.get(leaf) ?? nodes[leaf]?.name ?? "";
    const tag: Tag = {
      key: nodeKey(leaf),
      leaf,
      label: name.slice(name.lastIndexOf(".") + 1),
      gain: toNumber(edge.rms_gain),
      uses: uses.get(leaf) ?? 1,
    };
    tags.set(edge.source, [...(tags.get(edge.source) ?? []), tag]);
  }

  const boxes: Box[] = [];
  const boxOf = new Map<string, number>();
  nodes.forEach((node, i) => {
    const key = keyOf[i] as string;
    const at = group[i];
    if (boxOf.has(key) || (at === undefined && leafOf[i] !== -1)) return;
    boxOf.set(key, boxes.length);
    const module = at === undefined ? undefined : modules[at];
    boxes.push({
      key,
      first: i,
      count: at === undefined ? 1 : (inside.get(at) ?? 0),
      group: at,
      label: module?.path ?? node.operation,
      module: node.module,
      gain: module ? toNumber(module.gain) : (best.get(i)?.gain ?? NaN),
      culprits: 0,
      tags: tags.get(i) ?? [],
    });
  });
  nodes.forEach((node, i) => {
    const number = boxOf.get(keyOf[i] as string);
    const box = number === undefined ? undefined : boxes[number];
    if (box && node.findings.length > 0) boxes[number as number] = { ...box, culprits: box.culprits + 1 };
  });
  return ordered({ boxes, links: linked(document, keyOf, boxOf), keyOf, boxOf });
}

/** The same with every box after those from which its gradient comes, as far as there is no circle. */
function ordered({ boxes, links, keyOf }: Grouped): Grouped {
  const open = new Int32Array(boxes.length);
  const out: number[][] = boxes.map(() => []);
  for (const { from, to } of links) {
    out[from]?.push(to);
    open[to] = (open[to] ?? 0) + 1;
  }
  const order: number[] = [];
  const done = new Uint8Array(boxes.length);
  const free = boxes.flatMap((_, i) => (open[i] === 0 ? [i] : [])).reverse();
  for (let begin = 0; order.length < boxes.length; ) {
    let next = free.pop();
    if (next === undefined) {
      // closed modules may lie in a circle: the one nearest to the loss is taken first
      while (done[begin]) begin += 1;
      next = begin;
    }
    if (done[next]) continue;
    done[next] = 1;
    order.push(next);
    for (const to of out[next] ?? []) {
      open[to] = (open[to] ?? 0) - 1;
      if (open[to] === 0) free.push(to);
    }
  }
  const place = new Int32Array(boxes.length);
  order.forEach((old, now) => (place[old] = now));
  const sorted = order.map((old) => boxes[old] as Box);
  return {
    boxes: sorted,
    links: links.map((link) => ({ ...link, from: place[link.from] ?? 0, to: place[link.to] ?? 0 })),
    keyOf,
    boxOf: new Map(sorted.map(({ key }, i) => [key, i])),
  };
}

function linked(
  document: ChainDocument,
  keyOf: readonly string[],
  boxOf: ReadonlyMap<string, number>,
): Link[] {
  const found = new Map<string, { from: number; to: number; edges: number[]; size: number }>();
  const largest = new Map<number, number>();
  document.edges.forEach(({ source, target, contribution }, i) => {
    const from = boxOf.get(keyOf[source] as string);
    const to = boxOf.get(keyOf[target] as string);
    if (from === undefined || to === undefined || from === to) return;
    const value = toNumber(contribution);
    const size = Number.isFinite(value) ? value : 0;
    const key = `${from}-${to}`;
    const link = found.get(key) ?? { from, to, edges: [], size: 0 };
    link.edges.push(i);
    link.size = Math.max(link.size, size);
    found.set(key, link);
    largest.set(to, Math.max(largest.get(to) ?? 0, size));
  });
  return [...found.values()].map(({ from, to, edges, size }) => ({
    from,
    to,
    edges,
    share: (largest.get(to) ?? 0) > 0 ? size / (largest.get(to) as number) : 0,
  }));
}
