/** The lessons, in a file of their own: see `views/lesson/Lesson.svelte`, which fetches it. */
import { mount as mountComponent, unmount } from "svelte";
import type { Host } from "./host";
import { adopter } from "./adopted";
import Course from "./learn/Course.svelte";
import { provide, type Tools } from "./learn/tools";

const adoptStyles = adopter("__STYLESHEET__"); // the build puts the stylesheet's text here

/** Draw the course or a place in it in an element; returns how to take it away again. */
export function mount(element: HTMLElement, host: Host, tools: Tools): () => void {
  provide(tools);
  adoptStyles(element);
  const course = mountComponent(Course, { target: element, props: { host } });
  return () => void unmount(course);
}
