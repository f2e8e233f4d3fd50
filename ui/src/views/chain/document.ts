/** The document of the chain, as `chainrule/faces/views/chain.py` writes it. */
import type { JsonNumber } from "../../json";

/** What a local derivative is, in Unicode and in LaTeX, and what the operation is. */
export interface Equation {
  readonly text: string;
  readonly latex: string;
  readonly about?: string;
}

/** Local derivatives of an activation, as shares of its elements or units. */
export interface NodeActivation {
  readonly mean_derivative: JsonNumber;
  readonly zero_share: JsonNumber;
  readonly saturated_share: JsonNumber;
  readonly nonfinite_share: JsonNumber;
  readonly dead_share: JsonNumber | null;
  readonly units: number;
  readonly examples: number;
}

/** An operation; nodes come in an order from the loss outwards. Null: no gradient arrived. */
export interface ChainNode {
  readonly name: string;
  readonly operation: string;
  readonly kind: string;
  readonly module: string;
  /** file:line */
  readonly source: string;
  readonly group: number | null;
  readonly parameter: number | null;
  readonly parent: number | null;
  readonly norm: JsonNumber | null;
  readonly rms: JsonNumber | null;
  readonly numel: number;
  /** The edge that brought most of its gradient. */
  readonly principal: number | null;
  readonly activation: NodeActivation | null;
  /** Which findings of the verdict name it as a culprit. */
  readonly findings: readonly number[];
}

/** The way of a gradient from `source`, nearer the loss, to `target`: one factor. */
export interface FactorEdge {
  readonly source: number;
  readonly target: number;
  readonly input: number;
  /** ‖Jᵀg‖ */
  readonly contribution: JsonNumber | null;
  /** γ = ‖Jᵀg‖ / ‖g‖ */
  readonly gain: JsonNumber | null;
  /** μ = ‖all that arrives at the target‖ / ‖Jᵀg‖ */
  readonly merge: JsonNumber | null;
  /** γμ with the root mean square in place of the norm. */
  readonly rms_gain: JsonNumber | null;
  readonly text: string;
  readonly latex: string;
}

/** A module with everything inside it; parents come before their children. */
export interface ModuleGroup {
  readonly path: string;
  readonly name: string;
  readonly parent: number | null;
  readonly depth: number;
  readonly nodes: number;
  readonly entry: number | null;
  readonly exit: number | null;
  readonly gain: JsonNumber | null;
}

export interface ChainParameter {
  readonly index: number;
  readonly name: string;
  readonly shape: readonly number[];
  readonly node: number;
  readonly norm: JsonNumber;
  readonly depth: number;
}

/** The path to draw first. */
export interface Spine {
  readonly parameter: number;
  readonly nodes: readonly number[];
  readonly edges: readonly number[];
  readonly start_norm: JsonNumber;
  readonly product: JsonNumber;
  readonly norm: JsonNumber;
}

export interface PassOutline {
  readonly index: number;
  readonly graph: number;
  readonly loss: JsonNumber;
  readonly accumulates: boolean;
  readonly nodes: number;
}

export interface ChainFinding {
  readonly fault: string;
  readonly severity: string;
  readonly title: string;
}

export interface ChainDocument {
  readonly view: "chain";
  readonly run: string;
  readonly live: { readonly status: string; readonly steps: number };
  readonly step: number;
  readonly asked: number | null;
  readonly steps: readonly number[];
  readonly sampled: number;
  readonly passes: readonly PassOutline[];
  readonly backward_pass: number;
  readonly loss: JsonNumber;
  readonly scale: JsonNumber;
  readonly nodes: readonly ChainNode[];
  readonly edges: readonly FactorEdge[];
  readonly modules: readonly ModuleGroup[];
  /** Depth of modules that the collapsed graph begins with; null if all nodes are few enough. */
  readonly start_depth: number | null;
  readonly parameters: readonly ChainParameter[];
  /** Trainable parameters that no gradient reached in this pass. */
  readonly unreached: readonly string[];
  readonly spine: Spine | null;
  readonly operations: Readonly<Record<string, Equation>>;
  readonly findings: readonly ChainFinding[];
  readonly unseen: readonly string[];
}
