/** The fonts of KaTeX, wherever they lie: files of the page, or data in a report or a notebook. */
import faces from "virtual:katex-faces";

/** Whether the document has them; a notebook draws many widgets, each with a copy of this module. */
export function hasFonts(): boolean {
  const wanted = faces[0]?.family;
  return [...document.fonts].some((face) => face.family.replaceAll('"', "") === wanted);
}

/**
 * Offer the fonts to the document, once; each URL is fetched when a formula first needs it.
 *
 * @param where A file's name to its URL or its bytes; undefined for a font that is not at hand.
 */
export function offerFonts(where: (file: string) => string | BufferSource | undefined): void {
  if (hasFonts()) return;
  for (const { family, style, weight, file } of faces) {
    const found = where(file);
    if (found === undefined) continue;
    const source = typeof found === "string" ? `url(${found})` : found;
    document.fonts.add(new FontFace(family, source, { style, weight, display: "block" }));
  }
}
