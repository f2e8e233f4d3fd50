/** Logarithmic scales of the bars, and the colours of factors. */
import { decades } from "./path";

/** Powers of ten from `low` to `high`. */
export interface Scale {
  readonly low: number;
  readonly high: number;
}

/** The scale on which all values with a logarithm lie, and `always` as well. */
export function scaleOver(values: readonly number[], always: readonly number[] = []): Scale {
  const logs = [...values.map(decades), ...always].filter(Number.isFinite);
  if (logs.length === 0) return { low: -1, high: 1 };
  const low = Math.floor(Math.min(...logs) + 1e-9);
  return { low, high: Math.max(Math.ceil(Math.max(...logs) - 1e-9), low + 1) };
}

/** A scale that holds both: while steps are dragged through, it only widens. */
export function widened(a: Scale, b: Scale): Scale {
  return { low: Math.min(a.low, b.low), high: Math.max(a.high, b.high) };
}

/** Where a value lies, 0 to 1; below and above for what is outside, as are 0 and ∞. */
export function position({ low, high }: Scale, value: number): number {
  if (value === 0) return -Infinity;
  return (Math.log10(value) - low) / (high - low);
}

/** Powers of ten to write at an axis, at most so many. */
export function ticks({ low, high }: Scale, most: number): number[] {
  const every = [1, 2, 3, 4, 5, 10, 20, 50, 100].find((n) => (high - low) / n <= most) ?? 100;
  const found: number[] = [];
  for (let at = Math.ceil(low / every) * every; at <= high; at += every) found.push(at);
  return found;
}

/** Factors nearer to 1 than this are neither growth nor loss: they are drawn in grey. */
const CALM = Math.log10(1.25);

export type Sense = "shrinks" | "keeps" | "grows" | "broken";

export function senseOf(gain: number): Sense {
  const log = decades(gain);
  if (!Number.isFinite(log)) return "broken";
  return Math.abs(log) < CALM ? "keeps" : log < 0 ? "shrinks" : "grows";
}
