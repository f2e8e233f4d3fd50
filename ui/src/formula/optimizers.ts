/** The optimizers of a descent: PyTorch's own rules, and Newton's method for one or two axes. */
import { eigen } from "./eigen.ts";

export type OptimizerName =
  | "gradient-descent"
  | "momentum"
  | "nesterov"
  | "rmsprop"
  | "adam"
  | "adamw"
  | "newton";

/** Named as `chainrule descend` names them; PyTorch's `betas` are beta1, beta2, its eps epsilon. */
export interface Settings {
  readonly momentum?: number;
  readonly alpha?: number;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  readonly weight_decay?: number;
}

/** What each can be told, with PyTorch's defaults; a momentum of 0.9 is what texts use. */
export const SETTINGS: { readonly [name in OptimizerName]: Readonly<Settings> } = {
  "gradient-descent": {},
  momentum: { momentum: 0.9 },
  nesterov: { momentum: 0.9 },
  rmsprop: { alpha: 0.99, epsilon: 1e-8, momentum: 0 },
  adam: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  adamw: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay: 0.01 },
  newton: {},
};

export const OPTIMIZERS = Object.keys(SETTINGS) as readonly OptimizerName[];

/** Those that divide by a running root mean square of the gradient. */
export const ADAPTIVE: ReadonlySet<OptimizerName> = new Set(["rmsprop", "adam", "adamw"] as const);

/** Moves θ by one step, given ∇f there; `hessian` is asked by Newton's method alone. */
export type Stepper = (
  theta: Float64Array,
  gradient: Float64Array,
  hessian: () => Float64Array,
) => void;

/** An optimizer at its start. */
export function stepper(
  optimizer: OptimizerName,
  rate: number,
  size: number,
  given: Settings = {},
): Stepper {
  const settings = { ...SETTINGS[optimizer], ...given };
  switch (optimizer) {
    case "gradient-descent":
      return (theta, gradient) => {
        for (let i = 0; i < size; i++) move(theta, i, rate * (gradient[i] as number));
      };
    case "momentum":
    case "nesterov":
      return heavyBall(rate, size, settings.momentum ?? 0, optimizer === "nesterov");
    case "rmsprop":
      return rmsprop(rate, size, settings);
    case "adam":
    case "adamw":
      return adam(rate, size, settings, optimizer === "adamw");
    case "newton":
      return newton(rate, size);
  }
}

function move(theta: Float64Array, i: number, by: number): void {
  theta[i] = (theta[i] as number) - by;
}

/** torch.optim.SGD(momentum=β, nesterov=…), whose memory begins with the first gradient. */
function heavyBall(rate: number, size: number, beta: number, nesterov: boolean): Stepper {
  const memory = new Float64Array(size);
  return (theta, gradient) => {
    for (let i = 0; i < size; i++) {
      const g = gradient[i] as number;
      const m = beta * (memory[i] as number) + g;
      memory[i] = m;
      move(theta, i, rate * (nesterov ? g + beta * m : m));
    }
  };
}

/** torch.optim.RMSprop(alpha=…, eps=…, momentum=…). */
function rmsprop(rate: number, size: number, settings: Settings): Stepper {
  const { alpha = 0.99, epsilon = 1e-8, momentum = 0 } = settings;
  const mean = new Float64Array(size);
  const memory = new Float64Array(size);
  return (theta, gradient) => {
    for (let i = 0; i < size; i++) {
      const g = gradient[i] as number;
      const v = alpha * (mean[i] as number) + (1 - alpha) * g * g;
      mean[i] = v;
      const scaled = g / (Math.sqrt(v) + epsilon);
      const m = momentum * (memory[i] as number) + scaled;
      memory[i] = m;
      move(theta, i, rate * (momentum > 0 ? m : scaled));
    }
  };
}

/** torch.optim.Adam and AdamW(betas=(β₁, β₂), eps=…, weight_decay=…). */
function adam(rate: number, size: number, settings: Settings, decoupled: boolean): Stepper {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weight_decay = 0 } = settings;
  const first = new Float64Array(size);
  const second = new Float64Array(size);
  let steps = 0;
  return (theta, gradient) => {
    steps += 1;
    const length = rate / (1 - beta1 ** steps);
    const root = Math.sqrt(1 - beta2 ** steps);
    for (let i = 0; i < size; i++) {
      const g = gradient[i] as number;
      const m = (first[i] as number) + (1 - beta1) * (g - (first[i] as number));
      const v = beta2 * (second[i] as number) + (1 - beta2) * g * g;
      first[i] = m;
      second[i] = v;
      if (decoupled) theta[i] = (theta[i] as number) * (1 - rate * weight_decay);
      move(theta, i, (length * m) / (Math.sqrt(v) / root + epsilon));
    }
  };
}

/** Times the entries: share of the largest curvature below which one is rounding, as in PyTorch. */
const ROUNDING = Number.EPSILON;

/** θ − η H⁺∇f: the shortest step that solves best, as where H is singular there are many. */
function newton(rate: number, size: number): Stepper {
  return (theta, gradient, hessian) => {
    const matrix = hessian();
    if (matrix.length !== size * size) {
      throw new RangeError(`Newton's method moves the axes of ∇²f, not ${size} names.`);
    }
    const { values, vectors } = eigen(matrix);
    const largest = Math.max(...values.map(Math.abs));
    const towards = new Float64Array(size);
    values.forEach((value, k) => {
      if (Math.abs(value) <= ROUNDING * size * largest) return;
      const vector = vectors[k] as readonly number[];
      const along = vector.reduce((total, v, i) => total + v * (gradient[i] as number), 0) / value;
      for (let i = 0; i < size; i++) towards[i] = (towards[i] as number) + along * (vector[i] as number);
    });
    for (let i = 0; i < size; i++) move(theta, i, rate * (towards[i] as number));
  };
}
