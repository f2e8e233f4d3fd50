/**
 * The views in one file. A page or a report finds its element and starts by itself; a notebook
 * imports `render` (an anywidget module, see https://anywidget.dev).
 */
import type { AnyModel } from "./hosts/notebook";
import { filesFrom, keepKeys, notebookHost } from "./hosts/notebook";
import { reportHost } from "./hosts/report";
import type { Host } from "./host";
import { adoptStyles } from "./styles";
import { hasFonts, offerFonts } from "./fonts";
import { mount as mountComponent, unmount } from "svelte";
import Page from "./page/Page.svelte";
import View from "./views/View.svelte";

/** Draw a host's document in an element; returns how to take it away again. */
export function mount(element: HTMLElement, host: Host): () => void {
  adoptStyles(element);
  const view = mountComponent(View, { target: element, props: { host } });
  return () => void unmount(view);
}

/** The entry of a notebook's widget. */
function render({ model, el }: { model: AnyModel; el: HTMLElement }): () => void {
  if (!hasFonts()) {
    void filesFrom(model, "fonts/").then((files) => offerFonts((file) => files.get(`fonts/${file}`)));
  }
  el.classList.add("chainrule");
  keepKeys(el);
  return whenConnected(el, () => mount(el, notebookHost(model)));
}

/**
 * Begin once an element is in the page: before that it has no size, and no root to adopt styles.
 * JupyterLab puts it there after it was rendered, marimo before.
 */
function whenConnected(element: HTMLElement, begin: () => () => void): () => void {
  let end: (() => void) | undefined;
  let frame = 0;
  const look = () => {
    if (element.isConnected) end = begin();
    else frame = requestAnimationFrame(look);
  };
  look();
  return () => {
    cancelAnimationFrame(frame);
    end?.();
  };
}

export default { render };

const page = document.getElementById("chainrule-page");
if (page !== null) {
  adoptStyles(page);
  offerFonts((file) => `/static/fonts/${file}`);
  mountComponent(Page, { target: page });
}

const report = document.getElementById("chainrule-report");
if (report !== null) {
  void reportHost(document).then((host) => {
    offerFonts(host.file);
    mount(report, host);
  });
}
