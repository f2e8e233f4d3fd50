/** The documents of landscapes, as `chainrule/faces/views/{scans,landscape,formula}.py` write them. */
import type { JsonNumber } from "../../json";
import type { CurvaturePoint, Live } from "../run/document";

export interface Threshold {
  readonly name: string;
  readonly learning_rate: JsonNumber;
  readonly multiple: JsonNumber;
  readonly sentence: string;
}

export interface Scan {
  readonly step: number;
  readonly optimizer_kind: string;
  readonly learning_rate: JsonNumber;
  readonly multiples: readonly number[];
  readonly losses: readonly JsonNumber[];
  readonly other_losses: readonly JsonNumber[] | null;
  readonly other_step: number | null;
  readonly promised: JsonNumber;
  readonly update_norm: JsonNumber;
  readonly best: readonly [JsonNumber, JsonNumber];
  readonly overshoots: boolean;
  readonly curvature: CurvaturePoint | null;
  readonly thresholds: readonly Threshold[];
  readonly sentence: string;
}

export interface ScansDocument {
  readonly view: "landscape";
  readonly of: "scans";
  readonly run: string;
  readonly live: Live;
  readonly scans: readonly Scan[];
  readonly note: string;
}

export interface Axis {
  readonly label: string;
  readonly detail: string;
  readonly length: JsonNumber;
  readonly coordinates: readonly JsonNumber[];
}

export interface SliceDocument {
  readonly view: "landscape";
  readonly of: "slice";
  readonly objective: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly values: readonly JsonNumber[];
  readonly start: readonly [JsonNumber, JsonNumber];
  readonly evaluations: number;
  readonly error_estimate: JsonNumber;
  readonly note: string;
  readonly path: { x: readonly JsonNumber[]; y: readonly JsonNumber[] } | null;
}
