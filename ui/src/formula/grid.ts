/** f on a grid, for contours and for the curve of a function of one variable. */
import type { Compiled } from "./compile.ts";

export type Bounds = readonly [low: number, high: number];

/** Evenly spaced numbers from the low bound to the high one. */
export function spaced([low, high]: Bounds, count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) =>
    i === count - 1 ? high : low + ((high - low) * i) / (count - 1),
  );
}

export interface Grid {
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** f row by row, the lowest y first: f(x[j], y[i]) is values[i·x.length + j]. */
  readonly values: Float64Array;
}

/** Where f is evaluated: kept from one grid to the next, which makes a slider smooth. */
interface Places {
  readonly xs: Float64Array;
  readonly ys: Float64Array;
}

const kept = new WeakMap<Float64Array, Places>();

/**
 * f over a rectangle.
 *
 * @param at Numbers of the names, in their order; those of x and y are not looked at.
 * @param axes Which names x and y are.
 * @param into A grid of the same size to write into.
 */
export function grid(
  formula: Compiled,
  at: ArrayLike<number>,
  axes: readonly [x: string, y: string],
  across: Bounds,
  upwards: Bounds,
  count: number,
  into?: Grid,
): Grid {
  const x = spaced(across, count);
  const y = spaced(upwards, count);
  const size = count * count;
  const values = into?.values.length === size ? into.values : new Float64Array(size);
  let places = kept.get(values);
  if (!places) {
    places = { xs: new Float64Array(size), ys: new Float64Array(size) };
    kept.set(values, places);
  }
  for (let i = 0; i < count; i++) {
    places.xs.set(x, i * count);
    places.ys.fill(y[i] as number, i * count, (i + 1) * count);
  }
  const columns = formula.names.map((name, i) =>
    name === axes[0] ? places.xs : name === axes[1] ? places.ys : (at[i] ?? NaN),
  );
  formula.values(columns, values);
  return { x, y, values };
}

/** f along one name. */
export function curve(
  formula: Compiled,
  at: ArrayLike<number>,
  axis: string,
  bounds: Bounds,
  count: number,
): { readonly x: Float64Array; readonly values: Float64Array } {
  const x = spaced(bounds, count);
  const columns = formula.names.map((name, i) => (name === axis ? x : (at[i] ?? NaN)));
  return { x, values: formula.values(columns, new Float64Array(count)) };
}
