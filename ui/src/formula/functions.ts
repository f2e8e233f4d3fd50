/**
 * The functions of numbers that a formula may name, as `chainrule/calculus/float_functions.py` has
 * them: the same formulas, so that the numbers of page and terminal are the same.
 *
 * Python stops where a part has no value, 1/0 or the logarithm of −1. Here that is NaN, and NaN in
 * an argument is NaN in the result, so that it reaches the whole; only `where` looks at one case
 * alone. What is too large for float64 is infinite in both.
 */
import { erf, erfc } from "./erf.ts";

export type Real = (x: number) => number;
/** Of one argument or several; how many is the parser's to check. */
export type Reals = (...arguments_: number[]) => number;

const SELU_ALPHA = 1.6732632423543772848170429916717;
const SELU_SCALE = 1.0507009873554804934193349852946;

/** a/b, which has no value for b = 0. */
export function quotient(a: number, b: number): number {
  return b === 0 ? NaN : a / b;
}

/** bᵉ in the real numbers: as C's pow, but NaN where it divides by 0. */
export function power(base: number, exponent: number): number {
  if (base !== base || exponent !== exponent) return NaN;
  if (base === 0 && exponent < 0) return NaN;
  // C has 1 for these, JavaScript NaN
  if (base === 1 || (base === -1 && !Number.isFinite(exponent))) return 1;
  return base ** exponent;
}

function log(x: number): number {
  return x > 0 ? Math.log(x) : NaN;
}

function withSign(size: number, of: number): number {
  return of < 0 || Object.is(of, -0) ? -size : size;
}

function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const power_ = Math.exp(x);
  return power_ / (1 + power_);
}

function softplus(x: number, beta = 1): number {
  const z = beta * x;
  return quotient(Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))), beta);
}

function elu(x: number, alpha = 1): number {
  return x > 0 ? x : alpha * Math.expm1(x);
}

/** Quadratic up to delta, straight beyond it; there is none for a delta that is not above 0. */
function huber(y: number, t: number, delta = 1): number {
  if (!(delta > 0)) return NaN;
  const error = Math.abs(y - t);
  return error <= delta ? (error * error) / 2 : delta * (error - delta / 2);
}

function xlogy(x: number, y: number): number {
  return x === 0 ? 0 : x * log(y);
}

function acosh(x: number): number {
  return x === Infinity ? x : Math.acosh(x);
}

/** atanh, which has no value at its poles. */
function atanh(x: number): number {
  return Math.abs(x) === 1 ? NaN : Math.atanh(x);
}

/** Functions of one number; NaN for NaN. */
export const OF_ONE: { readonly [name: string]: Real } = {
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  sec: (x) => quotient(1, Math.cos(x)),
  csc: (x) => quotient(1, Math.sin(x)),
  cot: (x) => quotient(1, Math.tan(x)),
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  asec: (x) => Math.acos(quotient(1, x)),
  acsc: (x) => Math.asin(quotient(1, x)),
  acot: (x) => withSign(Math.PI / 2, x) - Math.atan(x),
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  sech: (x) => (2 * Math.exp(-Math.abs(x))) / (1 + Math.exp(-2 * Math.abs(x))),
  csch: (x) => quotient(withSign(2 * Math.exp(-Math.abs(x)), x), -Math.expm1(-2 * Math.abs(x))),
  coth: (x) => quotient(1, Math.tanh(x)),
  asinh: Math.asinh,
  acosh,
  atanh,
  asech: (x) => acosh(quotient(1, x)),
  acsch: (x) => Math.asinh(quotient(1, x)),
  acoth: (x) => atanh(quotient(1, x)),
  exp: Math.exp,
  log,
  log2: (x) => (x > 0 ? Math.log2(x) : NaN),
  log10: (x) => (x > 0 ? Math.log10(x) : NaN),
  sqrt: Math.sqrt,
  cbrt: Math.cbrt,
  erf,
  erfc,
  abs: Math.abs,
  sign: (x) => (x > 0 ? 1 : x < 0 ? -1 : x === 0 ? 0 : NaN),
  sigmoid,
  log_sigmoid: (x) => -softplus(-x),
  relu: (x) => Math.max(x, 0),
  leaky_relu: (x) => (x > 0 ? x : 0.01 * x),
  elu: (x) => elu(x),
  selu: (x) => SELU_SCALE * elu(x, SELU_ALPHA),
  gelu: (x) => (x * (1 + erf(x / Math.SQRT2))) / 2,
  gelu_tanh: (x) =>
    (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))),
  silu: (x) => x * sigmoid(x),
  mish: (x) => x * Math.tanh(softplus(x)),
  softplus: (x) => softplus(x),
  softsign: (x) => x / (1 + Math.abs(x)),
  min: (x) => x,
  max: (x) => x,
  sum: (x) => x,
  mean: (x) => x,
  norm: Math.abs,
};

/** Functions of several numbers; they are not asked where one of these is NaN. */
export const OF_SEVERAL: { readonly [name: string]: Reals } = {
  atan2: (y = NaN, x = NaN) => Math.atan2(y, x),
  log: (x = NaN, base = NaN) =>
    base === Math.E ? log(x) : quotient(log(x), log(base)),
  leaky_relu: (x = NaN, slope = NaN) => (x > 0 ? x : slope * x),
  elu: (x = NaN, alpha = NaN) => elu(x, alpha),
  softplus: (x = NaN, beta = NaN) => softplus(x, beta),
  min: Math.min,
  max: Math.max,
  norm: (x = NaN, p = NaN) => (p > 0 ? Math.abs(x) : NaN),
  mse: (y = NaN, t = NaN) => (y - t) * (y - t),
  mae: (y = NaN, t = NaN) => Math.abs(y - t),
  huber: (y = NaN, t = NaN, delta = 1) => huber(y, t, delta),
  hinge: (y = NaN, t = NaN) => Math.max(0, 1 - t * y),
  binary_cross_entropy: (p = NaN, t = NaN) => -xlogy(t, p) - xlogy(1 - t, 1 - p),
  bce_with_logits: (z = NaN, t = NaN) => t * softplus(-z) + (1 - t) * softplus(z),
};
