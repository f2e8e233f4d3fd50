/** Numbers as people read them, alike in every view. */
import { later } from "./words";

const MINUS = "−";

/** What views within a lesson `tell` in the reader's language. */
const NOT_A_NUMBER = later("not a number");

/** A number with a few significant digits; very large and small ones as 1.2·10⁻⁷. */
export function say(value: number, digits = 3): string {
  if (Number.isNaN(value)) return NOT_A_NUMBER;
  if (!Number.isFinite(value)) return value > 0 ? "∞" : `${MINUS}∞`;
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e-3 && size < 1e5) {
    const plain = String(Number(value.toPrecision(digits)));
    return plain.replace("-", MINUS);
  }
  const [mantissa = "", exponent = ""] = value.toExponential(digits - 1).split("e");
  return `${String(Number(mantissa)).replace("-", MINUS)}·10${superscript(Number(exponent))}`;
}

/** The same in LaTeX. */
export function sayLatex(value: number, digits = 3): string {
  if (Number.isNaN(value)) return "\\text{not a number}";
  if (!Number.isFinite(value)) return value > 0 ? "\\infty" : "-\\infty";
  const size = Math.abs(value);
  if (size === 0 || (size >= 1e-3 && size < 1e5)) return String(Number(value.toPrecision(digits)));
  const [mantissa = "", exponent = ""] = value.toExponential(digits - 1).split("e");
  return `${Number(mantissa)}\\cdot 10^{${Number(exponent)}}`;
}

/** A sentence from Python, whose negative numbers have the hyphen with which they are typed. */
export function typeset(sentence: string): string {
  return sentence.replace(/(?<![\w.)\]}])-(?=[\d∞])/g, MINUS);
}

/** A share as a percentage. */
export function percent(share: number): string {
  if (Number.isNaN(share)) return "unknown";
  const value = share * 100;
  if (Math.abs(value) >= 1e5) return `${say(value)} %`;
  return `${value >= 10 || value === 0 ? value.toFixed(0) : value.toPrecision(2)} %`;
}

function superscript(exponent: number): string {
  const digits = "⁰¹²³⁴⁵⁶⁷⁸⁹";
  return [...String(exponent)].map((sign) => (sign === "-" ? "⁻" : digits[Number(sign)])).join("");
}
