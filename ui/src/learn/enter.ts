/** Enter submits the form of a field, in JupyterLab too, which keeps it from that within a cell's output. */
export function submitted(event: KeyboardEvent & { currentTarget: HTMLInputElement }): void {
  if (event.key !== "Enter" || event.isComposing || event.shiftKey) return;
  event.preventDefault();
  event.currentTarget.form?.requestSubmit();
}
