/** Eigenvalues and eigenvectors of a symmetric 2 × 2 matrix, or of a single number. */

export interface Eigen {
  /** Largest first. */
  readonly values: readonly number[];
  /** A unit vector for each, its largest entry positive, as Python gives them. */
  readonly vectors: readonly (readonly number[])[];
}

/**
 * The eigen-decomposition of ∇²f by one or two axes.
 *
 * @param matrix Row by row: one entry, or four of which the second and the third are equal.
 * @returns NaN for all values if an entry is not finite.
 */
export function eigen(matrix: ArrayLike<number>): Eigen {
  if (matrix.length === 1) return { values: [matrix[0] as number], vectors: [[1]] };
  const [a, b, , d] = Array.from(matrix) as [number, number, number, number];
  const size = Math.abs(a) + Math.abs(b) + Math.abs(d);
  if (!Number.isFinite(size)) return { values: [NaN, NaN], vectors: [[NaN, NaN], [NaN, NaN]] };
  const mean = (a + d) / 2;
  const radius = Math.hypot((a - d) / 2, b);
  // the larger one in size by a sum that cannot cancel, the other from the determinant
  const far = mean >= 0 ? mean + radius : mean - radius;
  const near = far === 0 ? 0 : (a / far) * d - (b / far) * b;
  const [largest, smallest] = far >= near ? [far, near] : [near, far];
  const first = direction(a, b, d);
  return { values: [largest, smallest], vectors: [first, leading(-first[1], first[0])] };
}

/** The eigenvector of the larger eigenvalue: half the angle of (a − d, 2b). */
function direction(a: number, b: number, d: number): readonly [number, number] {
  const angle = Math.atan2(2 * b, a - d) / 2;
  return leading(Math.cos(angle), Math.sin(angle));
}

/** An eigenvector has no sign of its own: the one whose largest entry is positive. */
function leading(x: number, y: number): readonly [number, number] {
  const positive = Math.abs(x) >= Math.abs(y) ? x > 0 : y > 0;
  return positive ? [x, y] : [-x, -y];
}
