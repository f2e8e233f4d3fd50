/** Equations with the numbers of one factor, for KaTeX. */
import { toNumber } from "../../json";
import type { ChainNode, FactorEdge } from "./document";

/** How the factor of the norm becomes that of a single entry. */
export function perEntry(edge: FactorEdge, source: ChainNode, target: ChainNode): string {
  const merge = toNumber(edge.merge);
  const merges = Math.abs(merge - 1) > 1e-6;
  const names = merges ? "\\gamma\\,\\mu" : "\\gamma";
  const values = merges ? `${tex(toNumber(edge.gain))}\\cdot ${tex(merge)}` : tex(toNumber(edge.gain));
  const result = tex(toNumber(edge.rms_gain));
  if (source.numel === target.numel) {
    return `${names}=${merges ? `${values}=` : ""}\\mathbf{${result}}`;
  }
  return (
    `${names}\\sqrt{\\tfrac{n}{n'}}=${values}\\sqrt{\\tfrac{${source.numel}}{${target.numel}}}` +
    `=\\mathbf{${result}}`
  );
}

function tex(value: number): string {
  if (Number.isNaN(value)) return "\\mathrm{NaN}";
  if (!Number.isFinite(value)) return value > 0 ? "\\infty" : "-\\infty";
  const size = Math.abs(value);
  if (value === 0 || (size >= 1e-3 && size < 1e5)) return String(Number(value.toPrecision(3)));
  const [mantissa = "", exponent = ""] = value.toExponential(2).split("e");
  return `${Number(mantissa)}\\cdot 10^{${Number(exponent)}}`;
}
