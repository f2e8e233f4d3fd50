/**
 * Cividis (Nuñez, Anderton and Renslow 2018, PLOS ONE 13(7)): dark blue to yellow, read alike by
 * eyes that see all colours and eyes that see fewer.
 */
const STOPS = [
  [0, 34, 78],
  [33, 61, 108],
  [77, 87, 109],
  [112, 113, 115],
  [150, 142, 120],
  [193, 174, 104],
  [254, 232, 56],
] as const;

/** The colour of a share between 0 and 1. */
export function cividis(share: number): string {
  const at = Math.min(Math.max(share, 0), 1) * (STOPS.length - 1);
  const i = Math.min(Math.floor(at), STOPS.length - 2);
  const [low, high] = [STOPS[i] as readonly number[], STOPS[i + 1] as readonly number[]];
  const mixed = low.map((from, k) => Math.round(from + ((high[k] as number) - from) * (at - i)));
  return `rgb(${mixed.join(" ")})`;
}

/** A colour of theme.css, as the element sees it now. */
export function themeColour(element: Element, name: string): string {
  return getComputedStyle(element).getPropertyValue(name).trim();
}
