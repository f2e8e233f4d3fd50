/**
 * A stylesheet of ours in a document or a shadow root. A constructed one reaches into the shadow
 * roots in which some notebooks put a widget, and needs no 'unsafe-inline' in the page's policy.
 */

/** What makes a stylesheet hold in the document or shadow root that an element is in; once for each. */
export function adopter(text: string): (element: Element) => void {
  let sheet: CSSStyleSheet | undefined;
  return (element) => {
    const root = element.getRootNode();
    if (!(root instanceof Document) && !(root instanceof ShadowRoot)) return;
    if (sheet === undefined) {
      sheet = new CSSStyleSheet();
      sheet.replaceSync(text);
    }
    if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet);
  };
}
