// Answers what a test asks of the formulas in the browser: a line of JSON a question, and one back.
import { createInterface } from "node:readline";
import { compile } from "../../../ui/src/formula/compile.ts";
import { descend } from "../../../ui/src/formula/descent.ts";
import { eigen } from "../../../ui/src/formula/eigen.ts";
import { curve, grid } from "../../../ui/src/formula/grid.ts";
import { SETTINGS } from "../../../ui/src/formula/optimizers.ts";
import { regimes } from "../../../ui/src/formula/regimes.ts";

const WORDS = { NaN, Infinity, "-Infinity": -Infinity };

/** Numbers that JSON lacks are words, on both ways. */
function told(value) {
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (ArrayBuffer.isView(value)) return Array.from(value, told);
  if (Array.isArray(value)) return value.map(told);
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, told(each)]));
  }
  return value;
}

function heard(value) {
  if (Array.isArray(value)) return value.map(heard);
  return value in WORDS ? WORDS[value] : value;
}

/** Milliseconds that the fastest of some calls took. */
function fastest(call, times) {
  let best = Infinity;
  for (let i = 0; i < times; i++) {
    const before = performance.now();
    call();
    best = Math.min(best, performance.now() - before);
  }
  return best;
}

const QUESTIONS = {
  at({ program, points }) {
    const formula = compile(program);
    return points.map(heard).map((point) => ({
      value: formula.value(point),
      gradient: formula.gradient(point),
      both: formula.valueAndGradient(point, new Float64Array(program.names.length)),
      hessian: formula.hessian(point) ?? null,
    }));
  },
  grid({ program, at, axes, across, upwards, count }) {
    return grid(compile(program), heard(at), axes, across, upwards, count);
  },
  curve({ program, at, axis, bounds, count }) {
    return curve(compile(program), heard(at), axis, bounds, count);
  },
  descend: ({ program, start, options }) => descend(compile(program), start, options),
  regimes({ program, at, optimizer, rate, settings }) {
    const formula = compile(program);
    const place = { theta: at, gradient: formula.gradient(at), hessian: formula.hessian(at) };
    return regimes(place, optimizer, rate, settings);
  },
  eigen: ({ matrix }) => eigen(heard(matrix)),
  settings: () => SETTINGS,
  times({ program, at, axes, bounds, count }) {
    const formula = compile(program);
    let into = grid(formula, at, axes, bounds, bounds, count);
    const [x, y] = axes.map((axis) => formula.names.indexOf(axis));
    const point = Float64Array.from(at);
    return {
      grid: fastest(() => (into = grid(formula, at, axes, bounds, bounds, count, into)), 20),
      one_by_one: fastest(() => {
        for (let i = 0; i < count * count; i++) {
          point[x] = into.x[i % count];
          point[y] = into.y[Math.floor(i / count)];
          into.values[i] = formula.value(point);
        }
      }, 5),
    };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { ask, ...parameters } = JSON.parse(line);
  let answer;
  try {
    answer = { answer: QUESTIONS[ask](parameters) };
  } catch (error) {
    answer = { error: String(error) };
  }
  process.stdout.write(`${JSON.stringify(told(answer))}\n`);
}
