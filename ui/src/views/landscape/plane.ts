/** A picture of a plane: where things lie in it, and the heights that it is drawn from. */

/** A rectangle of the plane that is looked at. */
export interface Rectangle {
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
}

/** Heights on a regular grid over a rectangle, row by row, the lowest y first. */
export interface Grid {
  readonly rectangle: Rectangle;
  readonly columns: number;
  readonly rows: number;
  readonly values: Float64Array;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** From the plane to the pixels of a canvas and back; y grows upwards in the plane. */
export interface Projection {
  toPixel(point: Point): Point;
  toPlane(pixel: Point): Point;
}

export function projection({ x, y }: Rectangle, width: number, height: number): Projection {
  const sx = width / (x[1] - x[0]);
  const sy = height / (y[1] - y[0]);
  return {
    toPixel: (point) => ({ x: (point.x - x[0]) * sx, y: height - (point.y - y[0]) * sy }),
    toPlane: (pixel) => ({ x: x[0] + pixel.x / sx, y: y[0] + (height - pixel.y) / sy }),
  };
}

/** Evaluate a function on a grid. */
export function gridOf(
  rectangle: Rectangle,
  columns: number,
  rows: number,
  value: (x: number, y: number) => number,
): Grid {
  const { x, y } = rectangle;
  const values = new Float64Array(columns * rows);
  for (let row = 0; row < rows; row++) {
    const at = y[0] + ((y[1] - y[0]) * row) / (rows - 1);
    for (let column = 0; column < columns; column++) {
      values[row * columns + column] = value(x[0] + ((x[1] - x[0]) * column) / (columns - 1), at);
    }
  }
  return { rectangle, columns, rows, values };
}

/**
 * Heights at which to draw a line, so that each band covers as much of the picture: equal steps of
 * height would leave a valley empty whenever a corner of the picture is very high.
 */
export function levels(grid: Grid, count: number): number[] {
  const finite = grid.values.filter(Number.isFinite).sort();
  if (finite.length === 0) return [];
  const at = Array.from(
    { length: count },
    (_, i) => finite[Math.floor(((i + 0.5) / count) * (finite.length - 1))] as number,
  );
  return [...new Set(at)];
}

/** Lowest and highest finite value; [NaN, NaN] if there is none. */
export function range(values: Float64Array): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (Number.isFinite(value)) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return low > high ? [NaN, NaN] : [low, high];
}

/** A few round numbers inside an interval, for the ticks of an axis. */
export function ticks([from, to]: readonly [number, number], about = 5): number[] {
  const rough = (to - from) / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((each) => each * power >= rough) ?? 10) * power;
  const first = Math.ceil(from / step);
  const last = Math.floor(to / step);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => (first + i) * step);
}
