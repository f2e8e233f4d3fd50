/** A series of a run file as the lines of a plot. */
import { toNumber, type JsonNumber } from "../json";
import type { Series } from "../views/run/document";
import type { Line } from "./series";

/** Numbers as a plot takes them: a gap where one is missing or not finite. */
export function plotted(values: readonly (JsonNumber | null)[]): (number | null)[] {
  return values.map((value) => {
    const number = toNumber(value);
    return Number.isFinite(number) ? number : null;
  });
}

/** Where the buckets of a series lie on the axis of steps: in their middle. */
export function stepsOf({ buckets }: Series): number[] {
  return buckets.first_step.map((first, i) => (first + (buckets.last_step[i] ?? first)) / 2);
}

/** The points themselves; or, of a long series, lowest and highest of each bucket with its mean. */
export function linesOf(series: Series, label: string, colour: string): Line[] {
  const { min, mean, max } = series.buckets;
  if (series.points_each === 1) {
    return [{ label, values: plotted(mean), colour, width: 1 }];
  }
  return [
    { label, values: plotted(mean), colour, width: 1.5 },
    {
      label: `highest of ${series.points_each}`,
      values: plotted(max),
      colour,
      width: 0.5,
      edge: true,
      bandTo: `lowest of ${series.points_each}`,
    },
    { label: `lowest of ${series.points_each}`, values: plotted(min), colour, width: 0.5, edge: true },
  ];
}

/** Some neighbouring points of a series in numbers. */
export interface Row {
  readonly first: number;
  readonly last: number;
  /** NaN, as the next two, where no value is finite. */
  readonly low: number;
  readonly mean: number;
  readonly high: number;
}

/** Rows of a table at most: what one reads at a glance. */
const MOST_ROWS = 20;

/** A series as the rows of a table. */
export function rowsOf({ buckets }: Series): Row[] {
  const { first_step, last_step, count, min, mean, max } = buckets;
  const each = Math.ceil(count.length / MOST_ROWS);
  const rows: Row[] = [];
  for (let from = 0; from < count.length; from += each) {
    const places = [...count.keys()].slice(from, from + each).filter((i) => Number.isFinite(toNumber(mean[i])));
    const points = places.reduce((sum, i) => sum + (count[i] ?? 0), 0);
    const some = places.length > 0;
    rows.push({
      first: first_step[from] ?? 0,
      last: last_step[Math.min(from + each, count.length) - 1] ?? 0,
      low: some ? Math.min(...places.map((i) => toNumber(min[i]))) : NaN,
      mean: some ? places.reduce((sum, i) => sum + toNumber(mean[i]) * ((count[i] ?? 0) / points), 0) : NaN,
      high: some ? Math.max(...places.map((i) => toNumber(max[i]))) : NaN,
    });
  }
  return rows;
}
