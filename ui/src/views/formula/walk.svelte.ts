/** A walk on a typed formula: where it starts, how it steps, and all that follows from these. */
import { compile, type Compiled } from "../../formula/compile";
import { descend, type Descent } from "../../formula/descent";
import { OPTIMIZERS, type OptimizerName } from "../../formula/optimizers";
import { regimes, type Regimes } from "../../formula/regimes";
import type { FormulaDocument } from "./document";

export const MOST_STEPS = 500;
const STEPS = 50;
/** Share of λ_max's stability limit at which η begins where no other is given: straight on. */
const CAUTIOUS = 0.25;

export class Walk {
  readonly formula: Compiled;
  readonly axes: readonly string[];
  /** Numbers of all names, in their order. */
  start = $state.raw<Float64Array>(new Float64Array(0));
  rate = $state(0.1);
  optimizer = $state<OptimizerName>("gradient-descent");
  steps = $state(STEPS);
  /** Angle of the direction u, radians from the first axis. */
  angle = $state(0);

  readonly value = $derived.by(() => this.formula.value(this.start));
  readonly gradient = $derived.by(() => this.formula.gradient(this.start));
  /** ∂f by the axes alone. */
  readonly slopes = $derived.by(() =>
    this.axes.map((axis) => this.gradient[this.formula.names.indexOf(axis)] as number),
  );
  readonly hessian = $derived.by(() => this.formula.hessian(this.start));
  readonly regimes = $derived.by<Regimes | undefined>(() =>
    this.hessian && this.hessian.every(Number.isFinite)
      ? regimes(
          { theta: this.axes.map((axis) => this.number(axis)), gradient: this.slopes, hessian: this.hessian },
          this.optimizer,
          this.rate,
        )
      : undefined,
  );
  readonly descent = $derived.by<Descent>(() =>
    descend(this.formula, this.start, {
      optimizer: this.optimizer,
      rate: this.rate,
      steps: this.steps,
      moving: this.axes,
    }),
  );

  constructor(document: FormulaDocument, linked: Readonly<Record<string, string>>) {
    this.formula = compile(document.program);
    this.axes = document.program.axes;
    this.start = this.formula.point({ ...document.start, ...document.at });
    const optimizer = OPTIMIZERS.find((name) => name === linked.optimizer);
    if (optimizer) this.optimizer = optimizer;
    const steps = Number(linked.steps);
    if (Number.isInteger(steps) && steps >= 1) this.steps = Math.min(steps, MOST_STEPS);
    const rate = Number(linked.lr);
    if (rate > 0 && Number.isFinite(rate)) this.rate = rate;
    else this.rate = this.#cautious();
    const angle = Number(linked.u);
    if (linked.u !== undefined && Number.isFinite(angle)) this.angle = (angle * Math.PI) / 180;
  }

  number(name: string): number {
    return this.start[this.formula.names.indexOf(name)] ?? NaN;
  }

  /** Move the start along some names. */
  move(by: Readonly<Record<string, number>>): void {
    const moved = Float64Array.from(this.start);
    for (const [name, value] of Object.entries(by)) {
      const i = this.formula.names.indexOf(name);
      if (i >= 0 && Number.isFinite(value)) moved[i] = value;
    }
    this.start = moved;
  }

  /** Where the walk is after k steps, one number an axis. */
  at(k: number): number[] {
    const size = this.axes.length;
    return Array.from(this.descent.points.subarray(k * size, (k + 1) * size));
  }

  /** All of it as parameters of a link. */
  link(): Record<string, string> {
    const at = this.formula.names.map((name, i) => `${name}=${Number((this.start[i] as number).toPrecision(6))}`);
    return {
      at: at.join(","),
      lr: String(this.rate),
      optimizer: this.optimizer,
      steps: String(this.steps),
      ...(this.angle === 0 ? {} : { u: String(Math.round((this.angle * 180) / Math.PI)) }),
    };
  }

  #cautious(): number {
    const limit = this.regimes?.stable ?? Infinity;
    return Number.isFinite(limit) && limit > 0 ? Number((CAUTIOUS * limit).toPrecision(2)) : 0.1;
  }
}
