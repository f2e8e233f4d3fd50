/** The principal path from the loss to a parameter, and what its factors multiply to. */
import { toNumber } from "../../json";
import type { ChainDocument } from "./document";

/** Where on its way a gradient is: in the loss, between the layers, or on its way into the weight. */
export type Stretch = "loss" | "layers" | "into";

export interface Path {
  /** From the loss to the parameter's leaf. */
  readonly nodes: readonly number[];
  /** Between them; one fewer. */
  readonly edges: readonly number[];
  /** One for each edge. */
  readonly stretches: readonly Stretch[];
}

/** The path that brought most of a node's gradient; undefined if none arrived. */
export function principalPath(document: ChainDocument, leaf: number): Path | undefined {
  const nodes = [leaf];
  const edges: number[] = [];
  for (let node = document.nodes[leaf]; node && node.principal !== null; ) {
    const edge = document.edges[node.principal];
    if (edge === undefined || nodes.length > document.nodes.length) break; // a damaged file
    edges.push(node.principal);
    nodes.push(edge.source);
    node = document.nodes[edge.source];
  }
  if (edges.length === 0) return undefined;
  nodes.reverse();
  edges.reverse();
  return { nodes, edges, stretches: stretchesOf(document, nodes) };
}

/** Kinds of which networks are made; what comes before the first one is the loss. */
const LAYERS = new Set(["weight", "normalization", "activation", "attention", "compiled"]);

/**
 * The loss divides by the number of examples and the last operation sums over them: both change the
 * size of a gradient without being a layer's doing, so the layers between them are counted apart.
 */
function stretchesOf(document: ChainDocument, nodes: readonly number[]): Stretch[] {
  const kinds = nodes.map((node) => document.nodes[node]?.kind ?? "other");
  const lossEnd = kinds.findIndex((kind) => LAYERS.has(kind));
  let into = nodes.length - 1;
  while (into > 0 && (kinds[into] === "parameter" || kinds[into] === "structure")) into -= 1;
  return nodes.slice(0, -1).map((_, i) => (i < lossEnd ? "loss" : i >= into ? "into" : "layers"));
}

/** Product of the width-normalised factors of some edges. */
export function product(document: ChainDocument, edges: readonly number[]): number {
  return edges.reduce((so, edge) => so * toNumber(document.edges[edge]?.rms_gain), 1);
}

/** Powers of ten of a factor, NaN where it has none (0, ∞, NaN). */
export function decades(gain: number): number {
  return gain > 0 && Number.isFinite(gain) ? Math.log10(gain) : NaN;
}

/** Factors of one operation on a path, together. */
export interface Share {
  readonly operation: string;
  readonly count: number;
  readonly smallest: number;
  readonly largest: number;
  readonly decades: number;
}

/** What the operations of a stretch contribute, the largest first in the sense of the whole. */
export function shares(document: ChainDocument, edges: readonly number[]): Share[] {
  const found = new Map<string, number[]>();
  for (const number of edges) {
    const edge = document.edges[number];
    const operation = edge && document.nodes[edge.source]?.operation;
    if (!edge || operation === undefined) continue;
    const gain = toNumber(edge.rms_gain);
    found.set(operation, [...(found.get(operation) ?? []), gain]);
  }
  const total = decades(product(document, edges));
  return [...found]
    .map(([operation, gains]) => ({
      operation,
      count: gains.length,
      smallest: Math.min(...gains),
      largest: Math.max(...gains),
      decades: gains.reduce((sum, gain) => sum + decades(gain), 0),
    }))
    .filter((share) => Number.isFinite(share.decades))
    .sort((a, b) => (total < 0 ? a.decades - b.decades : b.decades - a.decades));
}
