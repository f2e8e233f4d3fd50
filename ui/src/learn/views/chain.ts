/** A chain of equal layers a ← σ(w·a), and what each multiplies a slope by on its way back. */

interface Function {
  readonly value: (z: number) => number;
  readonly slope: (z: number) => number;
}

const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

/** At the kink of a ReLU, PyTorch takes 0. */
export const ACTIVATIONS = {
  sigmoid: { value: sigmoid, slope: (z) => sigmoid(z) * sigmoid(-z) },
  tanh: { value: Math.tanh, slope: (z) => 1 - Math.tanh(z) ** 2 },
  relu: { value: (z) => Math.max(z, 0), slope: (z) => (z > 0 ? 1 : 0) },
  identity: { value: (z) => z, slope: () => 1 },
} satisfies Record<string, Function>;

export type Activation = keyof typeof ACTIVATIONS;

export interface Layer {
  /** |w|·|σ′(z)|. */
  readonly factor: number;
  /** Of this factor and those before it. */
  readonly product: number;
}

export function chainOf(activation: Activation, weight: number, depth: number, input: number): Layer[] {
  const { value, slope } = ACTIVATIONS[activation];
  const layers: Layer[] = [];
  let a = input;
  let product = 1;
  for (let layer = 0; layer < depth; layer++) {
    const z = weight * a;
    const factor = Math.abs(weight * slope(z));
    product *= factor;
    layers.push({ factor, product });
    a = value(z);
  }
  return layers;
}
