/** The document of a typed formula, as `chainrule/faces/views/formula.py` writes it. */
import type { Program } from "../../formula/program";

export interface Expression {
  readonly latex: string;
  readonly text: string;
  readonly speech: string;
}

export interface FormulaDocument {
  readonly view: "formula";
  readonly formula: string;
  readonly name: string;
  readonly names: readonly string[];
  readonly expression: Expression;
  readonly program: Program;
  readonly gradient: readonly { variables: readonly string[]; expression: Expression }[];
  readonly at: Readonly<Record<string, number>> | null;
  readonly no_value: string;
  readonly start: Readonly<Record<string, number>>;
  readonly window: Readonly<Record<string, readonly [number, number]>>;
}
