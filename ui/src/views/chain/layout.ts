/**
 * Where the boxes of a graph lie. Networks are chains of blocks: between two operations that every
 * path passes, a part is laid out by itself by dagre, whose time grows faster than the graph.
 */
import type { Dagre } from "../../dagre";
import type { Box, Grouped, Link } from "./grouping";

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Placed extends Point {
  /** Middle of the box itself; tags are to the right of it. */
  readonly width: number;
  readonly height: number;
}

export interface Layout {
  readonly boxes: readonly Placed[];
  /** Points that each link passes, in the order of the links. */
  readonly links: readonly (readonly Point[])[];
  readonly width: number;
  readonly height: number;
}

export const BOX_WIDTH = 184;
export const BOX_HEIGHT = 32;
export const TAG_WIDTH = 58;
export const TAG_GAP = 6;
const RANK_GAP = 28;
const SIDE_GAP = 26;
const MARGIN = 14;

/** CSS pixels that a box takes, its tags included. */
export function breadth(box: Box): number {
  return BOX_WIDTH + box.tags.length * (TAG_WIDTH + TAG_GAP);
}

/** Lay a graph out from the loss downwards. */
export function layout({ Graph, layout: dagre }: Dagre, { boxes, links }: Grouped): Layout {
  const placed: (Placed | undefined)[] = boxes.map(() => undefined);
  const ways: (readonly Point[])[] = links.map(() => []);
  let left = 0;
  let right = 0;
  let top = 0;
  for (const part of parts(boxes.length, links)) {
    const { first, last } = part;
    if (last === first + 1 && part.links.length <= 1) {
      // one below the other: nothing to decide
      place(first, 0, top + BOX_HEIGHT / 2);
      if (part.links.length === 1) top += BOX_HEIGHT + RANK_GAP;
      else top += BOX_HEIGHT + RANK_GAP; // two roots: a graph in several pieces
      place(last, 0, top + BOX_HEIGHT / 2);
      continue;
    }
    const graph = new Graph<object, Placed, { points: Point[] }>();
    graph.setGraph({ rankdir: "TB", nodesep: SIDE_GAP, ranksep: RANK_GAP });
    for (let i = first; i <= last; i += 1) {
      // dagre centres boxes: the same room to the left as the tags take keeps the chain straight
      const width = 2 * breadth(boxes[i] as Box) - BOX_WIDTH;
      graph.setNode(String(i), { x: 0, y: 0, width: compact(width), height: BOX_HEIGHT });
    }
    for (const i of part.links) {
      const { from, to } = links[i] as Link;
      graph.setEdge(String(from), String(to), { points: [] });
    }
    dagre(graph);
    const anchor = graph.node(String(first));
    const dx = -anchor.x;
    const dy = top + BOX_HEIGHT / 2 - anchor.y;
    let bottom = top;
    for (let i = first; i <= last; i += 1) {
      const at = graph.node(String(i));
      place(i, at.x + dx, at.y + dy);
      bottom = Math.max(bottom, at.y + dy - BOX_HEIGHT / 2);
    }
    for (const i of part.links) {
      const { from, to } = links[i] as Link;
      const edge = graph.edge(String(from), String(to));
      // without the points at the ends and those in the gaps next to them
      ways[i] = edge.points.slice(2, -2).map(({ x, y }) => ({ x: x + dx, y: y + dy }));
      for (const { x } of ways[i] ?? []) {
        left = Math.min(left, x);
        right = Math.max(right, x);
      }
    }
    // the next part begins where this one ends, so it is moved under that box
    const end = placed[last] as Placed;
    top = bottom;
    if (Math.abs(end.x) > 0.5) shift(first, last, part.links, -end.x);
  }
  if (boxes.length === 1) place(0, 0, BOX_HEIGHT / 2);

  function place(i: number, x: number, y: number): void {
    placed[i] = { x, y, width: BOX_WIDTH, height: BOX_HEIGHT };
  }

  /** Moves the inside of a part, so that both its ends are in the same column. */
  function shift(first: number, last: number, inside: readonly number[], by: number): void {
    for (let i = first + 1; i <= last; i += 1) {
      const at = placed[i] as Placed;
      placed[i] = { ...at, x: at.x + by };
    }
    for (const i of inside) ways[i] = (ways[i] ?? []).map(({ x, y }) => ({ x: x + by, y }));
  }

  const done = placed.map((at) => at ?? { x: 0, y: 0, width: BOX_WIDTH, height: BOX_HEIGHT });
  done.forEach(({ x }, i) => {
    left = Math.min(left, x - BOX_WIDTH / 2);
    right = Math.max(right, x - BOX_WIDTH / 2 + breadth(boxes[i] as Box));
  });
  for (const way of ways) {
    for (const { x } of way) {
      left = Math.min(left, x);
      right = Math.max(right, x);
    }
  }
  const moved = (point: Point) => ({ x: point.x - left + MARGIN, y: point.y + MARGIN });
  return {
    boxes: done.map((at) => ({ ...at, ...moved(at) })),
    links: ways.map((way) => way.map(moved)),
    width: right - left + 2 * MARGIN,
    height: Math.max(...done.map(({ y }) => y), 0) + BOX_HEIGHT / 2 + 2 * MARGIN,
  };
}

/** Room on both sides for tags, unless these would spread the graph too far. */
function compact(width: number): number {
  return Math.min(width, BOX_WIDTH + 4 * TAG_WIDTH);
}

interface Part {
  readonly first: number;
  readonly last: number;
  readonly links: readonly number[];
}

/** Parts between boxes that no link jumps over; neighbours share such a box. */
function parts(count: number, links: readonly Link[]): Part[] {
  const over = new Int32Array(count + 1);
  for (const { from, to } of links) {
    const low = Math.min(from, to);
    const high = Math.max(from, to);
    if (high - low < 2) continue;
    over[low + 1] = (over[low + 1] ?? 0) + 1;
    over[high] = (over[high] ?? 0) - 1;
  }
  const cuts: number[] = [];
  for (let i = 0, above = 0; i < count; i += 1) {
    above += over[i] ?? 0;
    if (above === 0) cuts.push(i);
  }
  const inPart: number[][] = cuts.slice(1).map(() => []);
  const partOf = new Int32Array(count);
  cuts.slice(1).forEach((end, part) => {
    for (let i = (cuts[part] ?? 0) + 1; i <= end; i += 1) partOf[i] = part;
  });
  links.forEach(({ from, to }, i) => inPart[partOf[Math.max(from, to)] ?? 0]?.push(i));
  return inPart.map((inside, part) => ({
    first: cuts[part] as number,
    last: cuts[part + 1] as number,
    links: inside,
  }));
}
