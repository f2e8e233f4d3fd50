/** Call when the reader's colours change, which what is drawn on a canvas does not follow by itself. */
export function onScheme(changed: () => void): () => void {
  const asked = ["(prefers-color-scheme: dark)", "(forced-colors: active)"].map((query) => matchMedia(query));
  for (const query of asked) query.addEventListener("change", changed);
  return () => {
    for (const query of asked) query.removeEventListener("change", changed);
  };
}
