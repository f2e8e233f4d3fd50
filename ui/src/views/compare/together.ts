/** Several series on one axis of steps. */
import { plotted } from "../../parts/lines";
import type { Series } from "../run/document";

export interface Together {
  /** All steps that any of them has, ascending. */
  readonly x: readonly number[];
  /** For each series its values at `x`: between two of its own points, on the line between them. */
  readonly lines: readonly { name: string; values: readonly (number | null)[] }[];
}

export function together(named: readonly { name: string; series: Series }[]): Together {
  const own = named.map(({ name, series }) => ({
    name,
    steps: series.buckets.first_step,
    values: plotted(series.buckets.mean),
  }));
  const x = [...new Set(own.flatMap(({ steps }) => steps))].sort((a, b) => a - b);
  return { x, lines: own.map(({ name, steps, values }) => ({ name, values: between(x, steps, values) })) };
}

function between(
  x: readonly number[],
  steps: readonly number[],
  values: readonly (number | null)[],
): (number | null)[] {
  let i = 0;
  return x.map((at) => {
    while (i + 1 < steps.length && (steps[i + 1] as number) <= at) i++;
    const [left, right] = [steps[i], steps[i + 1]];
    const [low, high] = [values[i] ?? null, values[i + 1] ?? null];
    if (left === undefined || at < left) return null;
    if (at === left) return low;
    if (right === undefined || low === null || high === null) return null;
    return low + ((high - low) * (at - left)) / (right - left);
  });
}
