/** The documents of runs, as `chainrule/faces/views/{run,layers,series,compare}.py` write them. */
import type { JsonNumber } from "../../json";

export interface Place {
  readonly module: string;
  readonly operation: string;
  readonly source: string;
}

export interface Evidence {
  readonly value: JsonNumber;
  readonly unit: string;
  readonly threshold: JsonNumber | null;
  readonly threshold_source: string;
  readonly rows: string;
}

/** A finding that another one explains; `depth` says how far below it. */
export interface Consequence {
  readonly fault: string;
  readonly severity: "error" | "warning" | "note";
  readonly title: string;
  readonly where: Place;
  readonly steps: readonly [number, number];
  readonly because: string;
  readonly depth: number;
}

export interface Finding {
  readonly fault: string;
  readonly severity: "error" | "warning" | "note";
  readonly title: string;
  readonly where: Place;
  readonly steps: readonly [number, number];
  readonly evidence: Readonly<Record<string, Evidence>>;
  readonly explanation: string;
  readonly remedies: readonly { change: string; rationale: string; source: string }[];
  readonly consequences: readonly string[];
  readonly chain: readonly unknown[];
  readonly links: readonly Consequence[];
  /** The id of the lesson that explains it. */
  readonly lesson: string | null;
}

export interface Verdict {
  readonly source: "stored" | "provisional" | "none";
  readonly findings: readonly Finding[];
}

export interface Series {
  readonly name: string;
  readonly points_each: number;
  readonly steps: readonly [number, number] | null;
  readonly count: number;
  readonly buckets: {
    readonly first_step: readonly number[];
    readonly last_step: readonly number[];
    readonly count: readonly number[];
    readonly min: readonly JsonNumber[];
    readonly mean: readonly JsonNumber[];
    readonly max: readonly JsonNumber[];
    readonly nonfinite: readonly number[];
  };
}

export interface Band {
  readonly low: readonly (JsonNumber | null)[];
  readonly high: readonly (JsonNumber | null)[] | null;
}

export interface Layer {
  readonly kind: "parameter" | "activation";
  readonly name: string;
  readonly module: string;
  readonly source: string;
  readonly shape: readonly number[];
  readonly optimizer: number | null;
  readonly state: string;
  readonly gradient_rms: JsonNumber | null;
  readonly update_ratio: JsonNumber | null;
  readonly dead_share: JsonNumber | null;
  readonly saturated_share: JsonNumber | null;
  readonly sparklines: Readonly<Record<string, Band>>;
  readonly findings: readonly number[];
}

export interface CurvaturePoint {
  readonly step: number;
  readonly learning_rate: JsonNumber;
  readonly sharpness: JsonNumber;
  readonly bound: JsonNumber;
  readonly limit: JsonNumber | null;
  readonly share: JsonNumber | null;
  readonly of: string;
  readonly method: string;
}

export interface Live {
  readonly status: "running" | "finished" | "failed" | "lost";
  readonly steps: number;
  readonly sampled_steps: number;
}

export interface RunHeader {
  readonly name: string;
  readonly command: readonly string[];
  readonly device: string;
  readonly exception: string | null;
  readonly observed_s: JsonNumber;
  readonly training_s: JsonNumber;
}

export interface RunDocument {
  readonly view: "run";
  readonly run: RunHeader;
  readonly live: Live;
  readonly verdict: Verdict;
  readonly optimizers: readonly {
    kind: string;
    hyperparameters: Readonly<Record<string, unknown>>;
  }[];
  readonly layers: { readonly rows: readonly Layer[] };
  readonly curvature: readonly CurvaturePoint[];
  readonly losses: readonly Series[];
  readonly learning_rates: readonly Series[];
  /** What says the same of one step after the other is one, `count` times from `step` to `last`. */
  readonly events: readonly { step: number; last: number; count: number; kind: string; sentence: string }[];
  readonly events_left_out: number;
}

export interface CompareDocument {
  readonly view: "compare";
  readonly runs: readonly {
    name: string;
    run: RunHeader;
    live: Live;
    verdict: Verdict;
    losses: readonly Series[];
  }[];
  readonly differences: readonly { group: string; name: string; values: readonly unknown[] }[];
  readonly same: readonly string[];
  readonly layers: readonly { name: string; layers: readonly (Layer | null)[] }[];
}
