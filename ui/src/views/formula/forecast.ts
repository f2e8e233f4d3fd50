/** The prediction before a walk and what came of it, in sentences with their numbers. */
import { say } from "../../numbers";
import type { Tell } from "../../words";
import type { Descent } from "../../formula/descent";
import type { Regimes } from "../../formula/regimes";

/** What the quadratic that touches f at the start says of this η. */
export function prediction(found: Regimes | undefined, rate: number): string {
  if (!found) return "The second derivatives have no value at the start, so nothing is predicted.";
  const [sharpest] = found.directions;
  if (!sharpest) return "";
  const λ = say(sharpest.curvature);
  const negative = found.directions.filter(({ curvature }) => curvature < 0);
  if (negative.length > 0) {
    return `L bends downwards along ${negative.length === 1 ? "one direction" : "both directions"} here (λ = ${say(negative[0]?.curvature ?? NaN)}): there every step leads away, whatever η is.`;
  }
  if (sharpest.curvature === 0) return "The curvature is 0 here: to second order L is a plane, and no η is too large.";
  if (rate > found.stable) {
    return `η = ${say(rate)} is above the stability limit ${say(found.stable)}: along the sharpest direction (λ = ${λ}) each step would overshoot by more than the last.`;
  }
  if (rate > found.monotone) {
    return `η = ${say(rate)} lies between ${say(found.monotone)} and ${say(found.stable)}: along the sharpest direction (λ = ${λ}) the steps swing from side to side, and still come closer.`;
  }
  return `η = ${say(rate)} is below ${say(found.monotone)}: along every direction the steps go straight on.`;
}

/** The learning rates at which the steps change their kind, to be drawn on the slider. */
export function limitsOf(found: Regimes | undefined, optimizer: string, tell: Tell): { rate: number; label: string; means: string }[] {
  if (!found) return [];
  const plain = optimizer === "gradient-descent";
  return [
    { rate: found.monotone, label: plain ? "1/λ" : tell("no overshoot"), means: tell("up to here no step overshoots") },
    { rate: found.stable, label: plain ? "2/λ" : tell("stable"), means: tell("beyond it the steps grow") },
  ].filter(({ rate }) => Number.isFinite(rate));
}

/** What the walk did. */
export function outcome(descent: Descent, tell: Tell): string {
  const { values, steps, finite, gradientNorms } = descent;
  const first = values[0] ?? NaN;
  const after = steps === 1 ? tell("After 1 step") : tell("After {steps} steps", { steps });
  if (!finite) return tell("{after} a number was not finite: it diverged, or left the domain.", { after });
  const last = values[steps] ?? NaN;
  let risen = 0;
  for (let k = 1; k <= steps; k++) if ((values[k] as number) > (values[k - 1] as number)) risen++;
  const way = risen === 0 ? tell("it never rose on the way") : tell("it rose at {risen} of {steps} steps", { risen, steps });
  return tell("{after} L went from {first} to {last}; {way}. The slope there is ‖∇L‖ = {slope}.", {
    after,
    first: tell(say(first)),
    last: tell(say(last)),
    way,
    slope: tell(say(gradientNorms[steps] ?? NaN)),
  });
}
