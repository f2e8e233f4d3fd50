/** The documents of derivations, as `chainrule/faces/views/{derivation,graph}.py` write them. */
import type { Json, JsonNumber } from "../../json";

/** An expression or an equation; without LaTeX in notations that are words or code. */
export interface Written {
  readonly latex: string | null;
  readonly text: string;
}

export interface Step {
  readonly id: string;
  readonly rule: string;
  readonly name: string;
  readonly node: number;
  readonly parts: readonly number[];
  readonly statement: Written | null;
  readonly before: Written;
  readonly after: Written;
  readonly filled: Written;
  readonly result: Written;
  readonly why: string;
  readonly remark: string;
  readonly rewritten: Written | null;
  readonly chain: {
    pattern: Written;
    where: readonly Written[];
    outside: readonly Written[];
  } | null;
  readonly spoken: string;
  readonly brief: boolean;
  readonly same_as: string;
  readonly value: JsonNumber | null;
  readonly no_value: string;
  readonly steps: readonly Step[];
  readonly alternatives: readonly { rule: string; name: string; why: string }[];
}

/** A line of words and formulas. */
export interface Row {
  readonly pieces: readonly Written[];
  readonly aside: string;
}

/** What stands under a heading of a derivation of a curve or of matrices. */
export interface Part {
  readonly heading: string;
  readonly steps: readonly Step[];
  readonly rules: readonly {
    id: string;
    name: string;
    node: number;
    parts: readonly number[];
    equation: Written;
    why: string;
    rows: readonly Row[];
  }[];
  readonly rows: readonly Row[];
  readonly remarks: readonly string[];
}

export interface AlgebraStep {
  readonly name: string;
  readonly after: Written;
}

export interface NotationOffered {
  readonly id: string;
  readonly name: string;
  readonly about: string;
  readonly style: "mathematics" | "words" | "code";
}

export interface DerivationDocument {
  readonly view: "derivation";
  /** Of curves and matrices there are `parts` in place of `steps` and `result`. */
  readonly kind: "numbers" | "curve" | "matrices";
  readonly formula: string;
  readonly names: readonly string[];
  readonly wrt: string;
  readonly held?: readonly string[];
  /** Of a curve, whose slope it is. */
  readonly of?: string | null;
  /** Of vectors and matrices. */
  readonly shapes?: Readonly<Record<string, readonly number[]>> | null;
  /** What is done, in sentences; told in parts. */
  readonly said?: readonly string[];
  readonly parts?: readonly Part[];
  readonly at: Readonly<Record<string, Json>> | null;
  readonly notation: NotationOffered;
  readonly notations: readonly NotationOffered[];
  readonly nodes: readonly {
    id: number;
    span: readonly [number, number];
    value?: JsonNumber | null;
    /** A vector or a matrix as text, and what it is called. */
    shown?: string;
    label?: string;
  }[];
  readonly given: Written;
  readonly definitions: readonly Written[];
  readonly asked: Written;
  readonly steps: readonly Step[];
  /** Where names are told by themselves, the derivative of each, that of the whole last. */
  readonly slopes?: readonly Written[];
  readonly algebra: readonly AlgebraStep[];
  readonly factoring: readonly AlgebraStep[];
  readonly result: { raw: Written; tidy: Written; factored: Written | null };
  readonly value: JsonNumber | null;
  readonly no_value: string;
  readonly kinks: readonly string[];
  readonly checks: readonly { name: string; derivative: JsonNumber; compared: JsonNumber; agrees: boolean }[];
  readonly code: string;
  readonly glossary: readonly { symbol: string; type: string; meaning: string }[];
}

export interface GraphNode {
  readonly id: number;
  readonly kind: string;
  readonly operation: string;
  readonly label: string;
  readonly expression: string;
  readonly value: JsonNumber | null;
  readonly adjoint: JsonNumber | null;
}

export interface GraphEdge {
  readonly id: number;
  /** Nearer the inputs. */
  readonly source: number;
  readonly target: number;
  readonly derivative: string;
  readonly value: JsonNumber | null;
  readonly figures: string;
  readonly name: string;
}

export interface GraphDocument {
  readonly view: "graph";
  readonly output: number;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  readonly paths: Readonly<Record<string, readonly { edges: readonly number[]; product: string; value: JsonNumber | null }[]>>;
  readonly paths_counted: Readonly<Record<string, number>>;
  readonly derivative: Readonly<Record<string, JsonNumber | null>>;
  /** Of vectors and matrices: values and gradients of the nodes, and what each path brings. */
  readonly shown?: readonly { value: string; adjoint: string }[];
  readonly brought?: Readonly<Record<string, readonly string[]>>;
  readonly gradients?: Readonly<Record<string, string>>;
  readonly visits: readonly number[];
  readonly multiplications: { forward: number; reverse: number };
  readonly notices: readonly string[];
}
