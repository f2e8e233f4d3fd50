/** The rows of the list of factors: one for each operation on the path, or for a closed module. */
import { toNumber } from "../../json";
import type { ChainDocument } from "./document";
import type { Grouped, Openness } from "./grouping";
import { nodeKey } from "./grouping";
import { product, type Path, type Stretch } from "./path";

export interface Row {
  /** The same in every document of one graph. */
  readonly id: string;
  /** A factor; a closed module; an open one, above its rows; the parameter at the end. */
  readonly kind: "factor" | "closed" | "open" | "end";
  /** Key of the box or tag in the graph. */
  readonly key: string;
  /** Edges whose factors are multiplied here. */
  readonly edges: readonly number[];
  readonly node: number;
  readonly level: number;
  readonly stretch: Stretch;
  /** Number of its first factor, from 1. */
  readonly number: number;
  readonly label: string;
  /** Beside the label. */
  readonly place: string;
  /** Path of the module that Enter opens or closes. */
  readonly module: string | undefined;
  readonly gain: number;
  readonly before: number;
  readonly after: number;
  readonly culprits: number;
  /** Contributions that add up where this factor's gradient arrives. */
  readonly merges: number;
  /** A rearrangement, whose factor is always 1. */
  readonly structure: boolean;
}

/** Contributions that arrive at each node. */
export function arriving(document: ChainDocument): Int32Array {
  const found = new Int32Array(document.nodes.length);
  for (const { target, contribution } of document.edges) {
    if (contribution !== null) found[target] = (found[target] ?? 0) + 1;
  }
  return found;
}

export function rowsOf(
  document: ChainDocument,
  path: Path,
  graph: Grouped,
  open: Openness,
  parameter: string,
): Row[] {
  const { nodes, modules } = document;
  const arrivals = arriving(document);
  const rms = (node: number | undefined) => toNumber(nodes[node as number]?.rms);
  const rows: Row[] = [];
  let within: string[] = []; // open modules around the last row
  for (let i = 0; i < path.edges.length; ) {
    const node = path.nodes[i] as number;
    const key = graph.keyOf[node] as string;
    const closed = graph.boxes[graph.boxOf.get(key) ?? -1]?.group;
    let last = i + 1;
    if (closed !== undefined) {
      while (last < path.edges.length && graph.keyOf[path.nodes[last] as number] === key) last += 1;
    }
    const around = openAround(document, node, open);
    const same = within.findIndex((module, level) => module !== around[level]);
    const kept = same < 0 ? Math.min(within.length, around.length) : same;
    for (let level = kept; level < around.length; level += 1) {
      const module = around[level] as string;
      rows.push(heading(i, module, level));
    }
    within = around;
    const edges = path.edges.slice(i, last);
    const operation = nodes[node];
    const single = edges.length === 1;
    const target = path.nodes[last] as number;
    rows.push({
      id: `e${path.edges[i]}`,
      kind: closed !== undefined ? "closed" : "factor",
      key,
      edges,
      node,
      level: around.length,
      stretch: path.stretches[i] as Stretch,
      number: i + 1,
      label: closed === undefined ? (operation?.operation ?? "") : (modules[closed]?.path ?? ""),
      place:
        closed === undefined
          ? (operation?.module ?? "")
          : single
            ? (operation?.operation ?? "")
            : `${edges.length} factors`,
      module: closed === undefined ? undefined : modules[closed]?.path,
      gain: product(document, edges),
      before: rms(node),
      after: rms(target),
      culprits: path.nodes.slice(i, last).filter((n) => nodes[n]?.findings.length).length,
      merges: arrivals[target] ?? 1,
      structure: closed === undefined && operation?.kind === "structure",
    });
    i = last;
  }
  const leaf = path.nodes[path.nodes.length - 1] as number;
  rows.push({
    id: "end",
    kind: "end",
    key: graph.keyOf[leaf] ?? nodeKey(leaf),
    edges: [],
    node: leaf,
    level: 0,
    stretch: "into",
    number: path.edges.length + 1,
    label: parameter,
    place: "its gradient",
    module: undefined,
    gain: NaN,
    before: rms(leaf),
    after: rms(leaf),
    culprits: 0,
    merges: arrivals[leaf] ?? 1,
    structure: false,
  });
  return rows;

  /** The row of a module that the reader opened, with the product of what follows inside it. */
  function heading(from: number, module: string, level: number): Row {
    let to = from;
    while (
      to < path.edges.length &&
      openAround(document, path.nodes[to] as number, open)[level] === module
    ) {
      to += 1;
    }
    const edges = path.edges.slice(from, to);
    const node = path.nodes[from] as number;
    return {
      id: `m${from}:${module}`,
      kind: "open",
      key: graph.keyOf[node] as string,
      edges,
      node,
      level,
      stretch: path.stretches[from] as Stretch,
      number: from + 1,
      label: module,
      place: `${edges.length} ${edges.length === 1 ? "factor" : "factors"}`,
      module,
      gain: product(document, edges),
      before: rms(node),
      after: rms(node),
      culprits: 0,
      merges: 1,
      structure: false,
    };
  }
}

/** Paths of the modules around a node that the reader opened, the outermost first. */
function openAround(document: ChainDocument, node: number, open: Openness): string[] {
  const found: string[] = [];
  for (let at = document.nodes[node]?.group ?? null; at !== null; ) {
    const group = document.modules[at];
    if (group === undefined) break;
    if (open.opened.has(group.path)) found.unshift(group.path);
    at = group.parent;
  }
  return found;
}
