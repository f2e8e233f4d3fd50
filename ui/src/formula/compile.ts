/**
 * A program as functions of numbers: no `eval`, which a strict page forbids, but a closure a row.
 *
 * Each row has a column of numbers, one for each of a block of points, and its closure fills the
 * column from those of its children. So a part that stands in several places is computed once, a
 * closure is called once a block and not once a point, and one point is a block of one.
 */
import { toNumber } from "../json.ts";
import { OF_ONE, OF_SEVERAL, power, quotient, type Real, type Reals } from "./functions.ts";
import type { Program, Row } from "./program.ts";

/** Points of a block: its columns, some 8 KiB each, stay in the processor's cache. */
const BLOCK = 1024;

type Fill = (count: number) => void;

/** Numbers for names; those left out are NaN. */
export type Point = Readonly<Record<string, number>>;

/** A program that was compiled. Where a part has no value, what holds it is NaN. */
export interface Compiled {
  readonly names: readonly string[];
  readonly axes: readonly string[];
  /** f at a point, whose numbers stand in the order of the names. */
  value(at: ArrayLike<number>): number;
  /** ∇f there, one number a name; written into the array if one is given. */
  gradient(at: ArrayLike<number>, into?: Float64Array): Float64Array;
  /** f there, with ∇f written into the array: both at hardly more than the cost of ∇f. */
  valueAndGradient(at: ArrayLike<number>, gradient: Float64Array): number;
  /**
   * ∇²f by the axes, row by row. Where the program has none, by central differences of ∇f, whose
   * error is some 1e-10 of the largest slopes.
   */
  hessian(at: ArrayLike<number>): Float64Array;
  /**
   * f at many points: column i holds the numbers of name i, or one for all points.
   *
   * @param into Where f is written; its length is the number of points.
   */
  values(columns: readonly (ArrayLike<number> | number)[], into: Float64Array): Float64Array;
  /** The numbers of a point by name, in the order of the names. */
  point(by: Point): Float64Array;
}

export function compile(program: Program): Compiled {
  const { names, axes } = program;
  const one = new Machine(program, 1);
  const all = [program.value, ...program.gradient];
  const runValue = one.plan([program.value]);
  const runGradient = one.plan(program.gradient);
  const runBoth = one.plan(all);
  const second = program.hessian?.flat();
  const runHessian = second && one.plan(second);
  let block: { machine: Machine; run: Fill } | undefined;

  function at(numbers: ArrayLike<number>, run: Fill): void {
    one.inputs.forEach((column, i) => (column[0] = numbers[i] ?? NaN));
    run(1);
  }

  function gathered(places: readonly number[], into: Float64Array): Float64Array {
    for (let i = 0; i < places.length; i++) into[i] = one.at(places[i] as number);
    return into;
  }

  return {
    names,
    axes,
    value(numbers) {
      at(numbers, runValue);
      return one.at(program.value);
    },
    gradient(numbers, into = new Float64Array(names.length)) {
      at(numbers, runGradient);
      return gathered(program.gradient, into);
    },
    valueAndGradient(numbers, gradient) {
      at(numbers, runBoth);
      gathered(program.gradient, gradient);
      return one.at(program.value);
    },
    hessian(numbers) {
      if (second && runHessian) {
        at(numbers, runHessian);
        return gathered(second, new Float64Array(second.length));
      }
      return bends(names, axes, numbers, (point) => {
        at(point, runGradient);
        return gathered(program.gradient, new Float64Array(names.length));
      });
    },
    values(columns, into) {
      if (!block) {
        const machine = new Machine(program, BLOCK);
        block = { machine, run: machine.plan([program.value]) };
      }
      const { machine, run } = block;
      const out = machine.column(program.value);
      for (let first = 0; first < into.length; first += BLOCK) {
        const count = Math.min(BLOCK, into.length - first);
        machine.inputs.forEach((column, i) => {
          const given = columns[i] ?? NaN;
          if (typeof given === "number") column.fill(given, 0, count);
          else for (let j = 0; j < count; j++) column[j] = given[first + j] ?? NaN;
        });
        run(count);
        into.set(count < BLOCK ? out.subarray(0, count) : out, first);
      }
      return into;
    },
    point: (by) => Float64Array.from(names, (name) => by[name] ?? NaN),
  };
}

/** The cube root of the rounding error of float64: where a central difference errs least. */
const DIFFERENCE_STEP = 6e-6;

/** ∇²f by differences of ∇f, both halves averaged. */
function bends(
  names: readonly string[],
  axes: readonly string[],
  numbers: ArrayLike<number>,
  gradient: (point: Float64Array) => Float64Array,
): Float64Array {
  const places = axes.map((axis) => names.indexOf(axis));
  const size = axes.length;
  const found = new Float64Array(size * size);
  places.forEach((place, i) => {
    const by = DIFFERENCE_STEP * Math.max(1, Math.abs(numbers[place] as number));
    const [ahead, behind] = [by, -by].map((side) => {
      const point = Float64Array.from(numbers);
      point[place] = (point[place] as number) + side;
      return gradient(point);
    }) as [Float64Array, Float64Array];
    places.forEach((other, j) => {
      const bend = ((ahead[other] as number) - (behind[other] as number)) / (2 * by);
      found[i * size + j] = (found[i * size + j] as number) + bend / 2;
      found[j * size + i] = (found[j * size + i] as number) + bend / 2;
    });
  });
  return found;
}

/** A column of numbers a row, and the closures that fill them. */
class Machine {
  /** Columns to be filled with the numbers of each name. */
  readonly inputs: readonly Float64Array[];
  readonly #columns: Float64Array[];
  readonly #fills: (Fill | undefined)[];
  readonly #rows: readonly Row[];

  constructor(program: Program, size: number) {
    this.#rows = program.nodes;
    const ofName = new Map(program.names.map((name) => [name, new Float64Array(size)]));
    this.inputs = [...ofName.values()];
    this.#columns = [];
    this.#fills = [];
    for (const row of program.nodes) {
      const own = row.kind === "Name" ? ofName.get(row.name ?? "") : undefined;
      const column = own ?? new Float64Array(size);
      const parts = row.children.map((child) => this.column(child));
      this.#fills.push(fill(row, column, parts, program.nodes));
      this.#columns.push(column);
    }
  }

  column(place: number): Float64Array {
    const column = this.#columns[place];
    if (!column) throw new RangeError(`The program has no row ${place} where one is needed.`);
    return column;
  }

  at(place: number): number {
    return this.column(place)[0] as number;
  }

  /** What fills some rows, and the rows that they need. */
  plan(places: readonly number[]): Fill {
    const needed = new Uint8Array(this.#rows.length);
    for (const place of places) needed[place] = 1;
    for (let i = needed.length - 1; i >= 0; i--) {
      if (needed[i]) for (const child of (this.#rows[i] as Row).children) needed[child] = 1;
    }
    const steps = this.#fills.filter((step, i): step is Fill => needed[i] === 1 && !!step);
    return (count) => {
      for (let i = 0; i < steps.length; i++) (steps[i] as Fill)(count);
    };
  }
}

/** What fills the column of a row; nothing for what is filled from outside or once for all. */
function fill(
  row: Row,
  out: Float64Array,
  parts: readonly Float64Array[],
  rows: readonly Row[],
): Fill | undefined {
  const [a = out, b = out] = parts;
  switch (row.kind) {
    case "Number":
    case "Constant":
      out.fill(toNumber(row.value));
      return undefined;
    case "Name":
      return undefined;
    case "Unary":
      return (n) => {
        for (let j = 0; j < n; j++) out[j] = -(a[j] as number);
      };
    case "Sum":
      return sum(out, parts, row.operators ?? []);
    case "Product":
      return parts.length === 2 ? product(out, a, b) : productOfMany(out, parts);
    case "Quotient":
      return (n) => {
        for (let j = 0; j < n; j++) out[j] = quotient(a[j] as number, b[j] as number);
      };
    case "Power":
      return raised(out, a, b, rows[row.children[1] ?? -1]);
    case "Call":
      return call(row.function ?? "", out, parts);
  }
}

function sum(out: Float64Array, parts: readonly Float64Array[], signs: readonly string[]): Fill {
  const [a = out, b = out] = parts;
  if (parts.length === 2) {
    if (signs[0] === "-") {
      return (n) => {
        for (let j = 0; j < n; j++) out[j] = (a[j] as number) - (b[j] as number);
      };
    }
    return (n) => {
      for (let j = 0; j < n; j++) out[j] = (a[j] as number) + (b[j] as number);
    };
  }
  return (n) => {
    for (let j = 0; j < n; j++) {
      let total = a[j] as number;
      for (let i = 1; i < parts.length; i++) {
        const term = (parts[i] as Float64Array)[j] as number;
        total = signs[i - 1] === "-" ? total - term : total + term;
      }
      out[j] = total;
    }
  };
}

function product(out: Float64Array, a: Float64Array, b: Float64Array): Fill {
  return (n) => {
    for (let j = 0; j < n; j++) out[j] = (a[j] as number) * (b[j] as number);
  };
}

function productOfMany(out: Float64Array, parts: readonly Float64Array[]): Fill {
  return (n) => {
    for (let j = 0; j < n; j++) {
      let all = 1;
      for (let i = 0; i < parts.length; i++) all *= (parts[i] as Float64Array)[j] as number;
      out[j] = all;
    }
  };
}

/** A power; squares and cubes are products, which are faster and no less exact. */
function raised(out: Float64Array, a: Float64Array, b: Float64Array, above?: Row): Fill {
  const whole = above?.kind === "Number" ? toNumber(above.value) : NaN;
  if (whole === 2) {
    return (n) => {
      for (let j = 0; j < n; j++) out[j] = (a[j] as number) * (a[j] as number);
    };
  }
  if (whole === 3) {
    return (n) => {
      for (let j = 0; j < n; j++) out[j] = (a[j] as number) * (a[j] as number) * (a[j] as number);
    };
  }
  return (n) => {
    for (let j = 0; j < n; j++) out[j] = power(a[j] as number, b[j] as number);
  };
}

function call(name: string, out: Float64Array, parts: readonly Float64Array[]): Fill {
  const [a = out, b = out, c = out] = parts;
  if (name === "where") {
    return (n) => {
      for (let j = 0; j < n; j++) {
        const condition = a[j] as number;
        // a condition without a value decides nothing
        out[j] = condition > 0 ? (b[j] as number) : condition <= 0 ? (c[j] as number) : NaN;
      }
    };
  }
  if (parts.length === 1) {
    const real: Real | undefined = OF_ONE[name];
    if (!real) throw new TypeError(`There is no function ${name} of one number.`);
    return (n) => {
      for (let j = 0; j < n; j++) out[j] = real(a[j] as number);
    };
  }
  const reals: Reals | undefined = OF_SEVERAL[name];
  if (!reals) throw new TypeError(`There is no function ${name} of ${parts.length} numbers.`);
  const given = new Array<number>(parts.length);
  return (n) => {
    for (let j = 0; j < n; j++) {
      let known = true;
      for (let i = 0; i < parts.length; i++) {
        const argument = (parts[i] as Float64Array)[j] as number;
        given[i] = argument;
        known &&= argument === argument;
      }
      out[j] = known ? reals(...given) : NaN;
    }
  };
}
