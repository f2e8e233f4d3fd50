/** The document of the slope, as `chainrule/faces/views/slope.py` writes it. */
import type { JsonNumber } from "../../json";
import type { Live, Series } from "../run/document";

export interface FittedLine {
  readonly slope: JsonNumber;
  readonly low: JsonNumber;
  readonly high: JsonNumber;
  readonly confidence: number;
  readonly intercept: JsonNumber;
  readonly first_step: number;
  readonly last_step: number;
  readonly bends: boolean;
  readonly direction: "falling" | "rising" | "level";
  readonly sentence: string;
}

export interface LossCurve {
  readonly name: string;
  readonly series: Series;
  readonly smooth: readonly JsonNumber[];
  readonly smoothing: string;
  readonly line: FittedLine | null;
  readonly tangent: FittedLine | null;
  readonly at: number | null;
  readonly no_line: string;
}

export interface Promised {
  readonly step: number;
  readonly learning_rate: JsonNumber;
  readonly promised: JsonNumber;
  readonly steepest: JsonNumber;
  readonly actual: JsonNumber;
  readonly elsewhere: JsonNumber | null;
  readonly kept: JsonNumber | null;
  readonly sentence: string;
}

export interface StepMark {
  readonly kind: "finding" | "event";
  readonly first_step: number;
  readonly last_step: number;
  readonly label: string;
  readonly severity: string;
}

export interface SlopeDocument {
  readonly view: "slope";
  readonly run: string;
  readonly live: Live;
  readonly losses: readonly LossCurve[];
  readonly learning_rates: readonly Series[];
  readonly promises: readonly Promised[];
  readonly marks: readonly StepMark[];
}
