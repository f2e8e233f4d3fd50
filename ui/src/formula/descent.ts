/** A descent on a compiled formula, fast enough to be made anew while a slider moves. */
import type { Compiled } from "./compile.ts";
import { stepper, type OptimizerName, type Settings } from "./optimizers.ts";

export interface Descent {
  /** Names that move; the others are held. */
  readonly moving: readonly string[];
  /** θ after k steps, one number a moving name: entry k·moving.length + i. */
  readonly points: Float64Array;
  /** f after k steps. */
  readonly values: Float64Array;
  /** ‖∇f‖ by the moving names after k steps. */
  readonly gradientNorms: Float64Array;
  /** Steps that were made: fewer than asked for if a number was not finite. */
  readonly steps: number;
  /** Whether it ended with finite numbers. */
  readonly finite: boolean;
}

export interface DescentOptions {
  readonly optimizer: OptimizerName;
  /** η. */
  readonly rate: number;
  readonly steps: number;
  readonly settings?: Settings;
  /** Names that move; all of them if not given. Newton's method moves the axes alone. */
  readonly moving?: readonly string[];
}

/**
 * Make steps from a start until they are done or a number is not finite.
 *
 * @param start Numbers of all names, in their order.
 */
export function descend(formula: Compiled, start: ArrayLike<number>, options: DescentOptions): Descent {
  const moving =
    options.moving ?? (options.optimizer === "newton" ? formula.axes : formula.names);
  const places = moving.map((name) => formula.names.indexOf(name));
  if (places.includes(-1)) {
    throw new RangeError(`Expected names of the formula, found ${moving.join(", ")}.`);
  }
  const size = moving.length;
  const at = Float64Array.from(start);
  const theta = Float64Array.from(places, (place) => at[place] as number);
  const whole = new Float64Array(formula.names.length);
  const gradient = new Float64Array(size);
  const points = new Float64Array((options.steps + 1) * size);
  const values = new Float64Array(options.steps + 1);
  const gradientNorms = new Float64Array(options.steps + 1);
  const step = stepper(options.optimizer, options.rate, size, options.settings);
  let made = 0;
  let finite = true;
  for (let k = 0; ; k++) {
    for (let i = 0; i < size; i++) at[places[i] as number] = theta[i] as number;
    const value = formula.valueAndGradient(at, whole);
    for (let i = 0; i < size; i++) gradient[i] = whole[places[i] as number] as number;
    points.set(theta, k * size);
    values[k] = value;
    gradientNorms[k] = Math.hypot(...gradient);
    made = k;
    finite = Number.isFinite(value) && Number.isFinite(gradientNorms[k] as number);
    if (k === options.steps || !finite) break;
    step(theta, gradient, () => formula.hessian(at));
  }
  return {
    moving,
    points: points.subarray(0, (made + 1) * size),
    values: values.subarray(0, made + 1),
    gradientNorms: gradientNorms.subarray(0, made + 1),
    steps: made,
    finite,
  };
}
