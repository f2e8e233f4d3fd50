/**
 * One stylesheet for page, report and notebook. A constructed stylesheet reaches into the shadow
 * roots in which some notebooks put a widget, and needs no 'unsafe-inline' in the page's policy.
 */
import "katex/dist/katex.min.css";
import "uplot/dist/uPlot.min.css";
import "./theme.css";

const text = "__STYLESHEET__"; // the build puts the stylesheet's text here (vite.config.ts)

let sheet: CSSStyleSheet | undefined;

/** Make the styles hold in the document or shadow root that an element is in; once for each. */
export function adoptStyles(element: Element): void {
  const root = element.getRootNode();
  if (!(root instanceof Document) && !(root instanceof ShadowRoot)) return;
  if (sheet === undefined) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
  }
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet);
}
