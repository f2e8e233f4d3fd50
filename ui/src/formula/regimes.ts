/**
 * What a learning rate does along each direction of the quadratic that touches f at a point, as
 * `chainrule/instruments/regimes.py` and `forecast.py` have it, where the sources stand.
 */
import { eigen } from "./eigen.ts";
import {
  ADAPTIVE,
  SETTINGS,
  stepper,
  type OptimizerName,
  type Settings,
} from "./optimizers.ts";

export type Motion = "monotone" | "oscillating" | "diverging";

/** What one step makes of the distance along a direction. */
export interface Multiplier {
  readonly value: number;
  /** True where it swings: the roots are a complex pair, and `value` is their modulus. */
  readonly complex: boolean;
  readonly motion: Motion;
}

export interface Direction {
  /** λ, of the preconditioned Hessian for an adaptive optimizer. */
  readonly curvature: number;
  /** A unit vector in the coordinates of the axes, or in the optimizer's own. */
  readonly vector: readonly number[];
  /** The gradient's component along it. */
  readonly slope: number;
  readonly multiplier: Multiplier;
}

export interface Regimes {
  /** Of ∇²f itself, largest first. */
  readonly eigenvalues: readonly number[];
  /** Largest η at which no direction overshoots: 1/λ for gradient descent. */
  readonly monotone: number;
  /** η from which on the sharpest direction diverges: 2/λ for gradient descent. */
  readonly stable: number;
  /** The sharpest first. */
  readonly directions: readonly Direction[];
  readonly preconditioned: boolean;
}

/** Multipliers nearer to 1 than this are 1: what rounding leaves of 1 − ηλ + … */
const LEVEL = 1e-12;
/** Roots nearer to each other than this share of their size are a double root. */
const DOUBLE = 1e-9;
/** Steps on the quadratic after which the preconditioner is taken. */
const ADAPTED_STEPS = 10;

/** A point with the slope and the curvature there, by one or two axes. */
export interface Place {
  readonly theta: ArrayLike<number>;
  readonly gradient: ArrayLike<number>;
  /** Row by row. */
  readonly hessian: ArrayLike<number>;
}

/** Where η changes its character at a point. */
export function regimes(
  place: Place,
  optimizer: OptimizerName,
  rate: number,
  given: Settings = {},
): Regimes {
  const settings = { ...SETTINGS[optimizer], ...given };
  const { gradient, hessian } = place;
  const size = gradient.length;
  const preconditioned = ADAPTIVE.has(optimizer);
  const scale = preconditioned
    ? adapted(place, optimizer, rate, settings)
    : new Float64Array(size).fill(1);
  const seen = Float64Array.from(hessian, (entry, k) => {
    const [i, j] = [Math.floor(k / size), k % size];
    return entry / Math.sqrt((scale[i] as number) * (scale[j] as number));
  });
  const { values, vectors } = eigen(seen);
  const sharpness = values[0] ?? NaN;
  return {
    eigenvalues: preconditioned ? eigen(hessian).values : values,
    monotone: monotoneLimit(optimizer, sharpness, settings),
    stable: stableLimit(optimizer, sharpness, settings),
    directions: values.map((curvature, k) => {
      const vector = vectors[k] as readonly number[];
      const slope = vector.reduce(
        (total, v, i) => total + (v * (gradient[i] as number)) / Math.sqrt(scale[i] as number),
        0,
      );
      return { curvature, vector, slope, multiplier: multiplier(optimizer, curvature, rate, settings) };
    }),
    preconditioned,
  };
}

/** √v + ε after the first steps on the quadratic, v being what the optimizer divides by. */
function adapted(
  { theta: start, gradient, hessian }: Place,
  optimizer: OptimizerName,
  rate: number,
  settings: Settings,
): Float64Array {
  const size = gradient.length;
  const step = stepper(optimizer, rate, size, settings);
  const theta = Float64Array.from(start);
  const slopes = Float64Array.from(gradient);
  const total = slopes.map((g) => g * g);
  let count = 1;
  for (; count < ADAPTED_STEPS; count++) {
    step(theta, slopes, () => Float64Array.from(hessian));
    for (let i = 0; i < size; i++) {
      let g = gradient[i] as number;
      for (let j = 0; j < size; j++) {
        const moved = (theta[j] as number) - (start[j] as number);
        g += (hessian[i * size + j] as number) * moved;
      }
      slopes[i] = g;
    }
    if (!slopes.every((g) => Number.isFinite(g * g))) break;
    for (let i = 0; i < size; i++) total[i] = (total[i] as number) + (slopes[i] as number) ** 2;
  }
  const begun = optimizer === "rmsprop" ? 1 - (settings.alpha ?? 0.99) ** count : 1;
  return total.map((sum) => Math.sqrt((sum / count) * begun) + (settings.epsilon ?? 1e-8));
}

/** What one step makes of the distance along a direction of curvature λ: 1 − ηλ for GD. */
export function multiplier(
  optimizer: OptimizerName,
  curvature: number,
  rate: number,
  settings: Settings = {},
): Multiplier {
  if (optimizer === "newton") return real(curvature === 0 ? 1 : 1 - rate);
  const beta = memoryOf(optimizer, settings);
  const decay = optimizer === "adamw" ? (settings.weight_decay ?? 0) : 0;
  if (optimizer === "nesterov") {
    return largestRoot((1 + beta) * (1 - rate * curvature), beta * (1 - rate * curvature));
  }
  const share = optimizer === "adam" || optimizer === "adamw" ? 1 - beta : 1;
  const kept = 1 - rate * decay;
  return largestRoot(kept + beta - rate * share * curvature, beta * kept);
}

/** η from which on a direction of this curvature diverges; infinite for λ ≤ 0. */
export function stableLimit(
  optimizer: OptimizerName,
  curvature: number,
  settings: Settings = {},
): number {
  if (optimizer === "newton") return 2;
  if (curvature <= 0) return Infinity;
  const beta = memoryOf(optimizer, settings);
  if (optimizer === "nesterov") return (2 * (1 + beta)) / ((1 + 2 * beta) * curvature);
  if (optimizer === "adam" || optimizer === "adamw") {
    const decay = optimizer === "adamw" ? (settings.weight_decay ?? 0) : 0;
    return (2 * (1 + beta)) / ((1 - beta) * curvature + (1 + beta) * decay);
  }
  return (2 * (1 + beta)) / curvature;
}

/** Largest η at which a direction of this curvature never overshoots; infinite for λ ≤ 0. */
export function monotoneLimit(
  optimizer: OptimizerName,
  curvature: number,
  settings: Settings = {},
): number {
  if (optimizer === "newton") return 1;
  if (curvature <= 0) return Infinity;
  const beta = memoryOf(optimizer, settings);
  if (optimizer === "nesterov") return ((1 - beta) / (1 + beta)) ** 2 / curvature;
  const decay = optimizer === "adamw" ? (settings.weight_decay ?? 0) : 0;
  if (decay > 0) return decayedLimit(beta, decay, curvature);
  const share = optimizer === "adam" || optimizer === "adamw" ? 1 - beta : 1;
  return (1 - Math.sqrt(beta)) ** 2 / (share * curvature);
}

/** The root of (√(1 − ηw) − √β)² = η(1 − β)λ in (0, 1/w), written so that nothing cancels. */
function decayedLimit(beta: number, decay: number, curvature: number): number {
  const r = Math.sqrt(beta);
  const k = (1 - beta) * curvature;
  const q = Math.sqrt(k * (decay * (1 - beta) + k));
  const s = (decay * r + q) / (decay + k);
  return ((1 - r) ** 2 * (1 + s)) / (decay * (1 - r) + k + q);
}

function memoryOf(optimizer: OptimizerName, settings: Settings): number {
  if (optimizer === "momentum" || optimizer === "nesterov" || optimizer === "rmsprop") {
    return settings.momentum ?? 0;
  }
  return optimizer === "adam" || optimizer === "adamw" ? (settings.beta1 ?? 0) : 0;
}

/** The root of z² − bz + c that is largest in modulus. */
function largestRoot(b: number, c: number): Multiplier {
  const discriminant = b * b - 4 * c;
  if (Math.abs(discriminant) <= DOUBLE * b * b) return real(b / 2);
  if (discriminant < 0) {
    const value = Math.sqrt(c);
    return { value, complex: true, motion: value > 1 + LEVEL ? "diverging" : "oscillating" };
  }
  const half = Math.sqrt(discriminant);
  return real((b + (b < 0 ? -half : half)) / 2);
}

function real(value: number): Multiplier {
  const far = Math.abs(value) > 1 + LEVEL;
  return {
    value,
    complex: false,
    motion: far ? "diverging" : value < -LEVEL ? "oscillating" : "monotone",
  };
}
