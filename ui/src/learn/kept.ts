/**
 * Small things that a browser keeps of the course: the language, what was predicted, the session of
 * the wall finder. What was answered is in the learner's file.
 */

const PREFIX = "chainrule-learn:";

export function kept(name: string): string | undefined {
  try {
    return localStorage.getItem(PREFIX + name) ?? undefined;
  } catch {
    return undefined; // a browser that keeps nothing
  }
}

export function keep(name: string, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, value);
  } catch {
    // as above
  }
}

/** Forget all of it. */
export function forget(): void {
  try {
    for (const name of Object.keys(localStorage)) if (name.startsWith(PREFIX)) localStorage.removeItem(name);
  } catch {
    // as above
  }
}
