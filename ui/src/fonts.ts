/** The fonts of KaTeX, wherever they lie: files of the page, or data in a report or a notebook. */
import faces from "virtual:katex-faces";

let offered = false;

/**
 * Offer the fonts to the document; each is fetched when a formula first needs it.
 *
 * @param where A file's name to its URL; undefined for a font that is not at hand.
 */
export function offerFonts(where: (file: string) => string | undefined): void {
  if (offered) return;
  offered = true;
  for (const { family, style, weight, file } of faces) {
    const url = where(file);
    if (url !== undefined) {
      document.fonts.add(new FontFace(family, `url(${url})`, { style, weight, display: "block" }));
    }
  }
}
