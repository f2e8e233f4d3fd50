/** f, ∇f and ∇²f of a typed formula, as the question `formula` gives them to be compiled. */
import type { JsonNumber } from "../json.ts";

/** One operation; `children` are places earlier in the list. */
export interface Row {
  readonly kind:
    | "Number"
    | "Constant"
    | "Name"
    | "Unary"
    | "Sum"
    | "Product"
    | "Quotient"
    | "Power"
    | "Call";
  readonly children: readonly number[];
  /** Of a Number or a Constant. */
  readonly value?: JsonNumber;
  /** Of a Name. */
  readonly name?: string;
  /** Of a Unary: always "-". */
  readonly operator?: string;
  /** Of a Sum: before each term but the first. */
  readonly operators?: readonly string[];
  /** Of a Call. */
  readonly function?: string;
}

export interface Program {
  /** Of the numbers that it needs, in the order in which `at` gives them. */
  readonly names: readonly string[];
  readonly nodes: readonly Row[];
  /** Place of f. */
  readonly value: number;
  /** Places of ∂f/∂name, one a name. */
  readonly gradient: readonly number[];
  /** Names that ∇²f is made for, one or two. */
  readonly axes: readonly string[];
  /** Places of ∂²f/∂i∂j, row by row; null where it would be too large. */
  readonly hessian: readonly (readonly number[])[] | null;
}
