/** JSON as Python writes it for us: numbers that JSON lacks are words. */

export type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

/** A number, or the name of one that JSON lacks (`chainrule/records/json_values.py`). */
export type JsonNumber = number | "NaN" | "Infinity" | "-Infinity";

export function toNumber(value: JsonNumber | null | undefined): number {
  return value === null || value === undefined ? NaN : Number(value);
}
