/** The chain in sentences. */
import { toNumber } from "../../json";
import { say } from "../../numbers";
import type { ChainDocument } from "./document";
import { decades, product, shares, type Path, type Share } from "./path";

/** A change smaller than this needs no explanation: it is the spread of healthy networks. */
const NEAR_ONE = 10;

/** A number in a narrow column. */
export function short(value: number): string {
  return Number.isNaN(value) ? "NaN" : say(value);
}

/** A factor in words where it has no place on a logarithmic scale. */
export function gainWords(gain: number): string | undefined {
  if (Number.isNaN(gain)) return "not a number";
  if (gain === 0) return "0: nothing passes";
  if (gain === Infinity) return "∞: it overflows";
  return undefined;
}

export function counted(count: number, one: string, more = `${one}s`): string {
  return `${count} ${count === 1 ? one : more}`;
}

/** What the chain does to the gradient of one parameter. */
export function headline(document: ChainDocument, path: Path, parameter: string): string {
  const layers = path.edges.filter((_, i) => path.stretches[i] === "layers");
  const broken = brokenAt(document, path);
  if (broken !== undefined) return broken;
  if (layers.length === 0) {
    const all = counted(path.edges.length, "factor");
    return `No layer lies between the loss and ${parameter}: ${all} from the loss into the weight.`;
  }
  const whole = product(document, layers);
  const times = whole < 1 ? 1 / whole : whole;
  const count = counted(layers.length, "factor");
  if (times < NEAR_ONE) {
    return `Between the loss and ${parameter} the layers multiply the gradient by ${say(whole, 2)}: ${count}, which together change it by less than a power of ten.`;
  }
  const verb = whole < 1 ? "shrink" : "enlarge";
  const first = `Between the loss and ${parameter} the layers ${verb} the gradient ${say(times, 2)}\u2011fold: ${count}.`;
  const top = shares(document, layers)[0];
  const total = decades(whole);
  if (top === undefined || top.decades * total <= 0) return first;
  return `${first} ${shareWords(top, total)}`;
}

function shareWords(share: Share, total: number): string {
  const { operation, count, smallest, largest } = share;
  const low = say(smallest, 3);
  const high = say(largest, 3);
  const each = low === high ? `${low}${count > 1 ? " each" : ""}` : `${low} to ${high}${count > 1 ? " each" : ""}`;
  const own = Math.abs(share.decades);
  const all = Math.abs(total);
  const subject = count === 1 ? `The one factor of ${operation}` : `The ${count} factors of ${operation}`;
  const [verb, more] = count === 1 ? ["makes", "does"] : ["make", "do"];
  // others may pull the other way, so that one operation makes more than the whole
  if (own > all) {
    return `${subject} (${each}) alone ${more} more: ${own.toFixed(1)} powers of ten; others undo a part.`;
  }
  return `${subject} (${each}) ${verb} ${own.toFixed(1)} of these ${all.toFixed(1)} powers of ten.`;
}

/** The first place at which a gradient is lost, if there is one. */
function brokenAt(document: ChainDocument, path: Path): string | undefined {
  for (const [i, number] of path.edges.entries()) {
    const edge = document.edges[number];
    const words = gainWords(toNumber(edge?.rms_gain));
    if (edge === undefined || words === undefined) continue;
    const node = document.nodes[edge.source];
    const place = [node?.operation, node?.module && `in ${node.module}`].filter(Boolean).join(" ");
    return `The chain breaks at factor ${i + 1} of ${path.edges.length}, ${place}: the factor is ${words}, so no size of the gradient beyond it means anything.`.replace(
      "is 0: nothing passes, so no size of the gradient beyond it means anything",
      "is 0, so nothing passes and every weight beyond it stands still",
    );
  }
  return undefined;
}
