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
