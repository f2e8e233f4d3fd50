/** The part of the formula that is pointed at: it lights up wherever it stands. */
export const pointed = $state<{ node: number | undefined }>({ node: undefined });
