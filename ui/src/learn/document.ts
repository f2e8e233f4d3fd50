/** The documents of the course, as `chainrule/faces/learning/` writes them; see docs/views.md. */
import type { Json } from "../json";

export type Part =
  | { readonly is: "plain" | "code"; readonly text: string }
  | { readonly is: "mathematics"; readonly latex: string; readonly speech: string }
  | { readonly is: "marked"; readonly strong: boolean; readonly parts: Inline }
  | { readonly is: "link"; readonly target: string; readonly parts: Inline }
  | { readonly is: "new-line" };

/** A text within a line. */
export type Inline = readonly Part[];

export type ViewKind = "slope" | "derivation" | "dependency" | "descent" | "landscape" | "chain";

export interface ViewBlock {
  readonly is: "view";
  readonly view: ViewKind;
  /** Empty for `chain`. */
  readonly formula: string;
  readonly wrt: string;
  readonly at: Readonly<Record<string, number>>;
  /** The one thing to drag; empty for a picture to look at. */
  readonly drag: string;
  readonly settings: Readonly<Record<string, number | string>>;
  readonly caption: Inline;
}

export interface PredictionBlock {
  readonly is: "prediction";
  readonly number: number;
  readonly question: Inline;
  readonly choices: readonly { readonly text: Inline; readonly because: Inline }[];
  readonly answer: number;
  readonly reveal: readonly Block[];
}

/** What is asked, of a lesson or of practice; the answer stays with Python. */
export interface ExerciseAsked {
  readonly id: string;
  readonly kind: string;
  readonly question: Inline;
  /** Empty where none is differentiated. */
  readonly formula: string;
  readonly wrt: string;
  readonly at: Readonly<Record<string, number>>;
  /** Empty where the answer is typed. */
  readonly choices: readonly Inline[];
}

export interface ExerciseBlock extends ExerciseAsked {
  readonly is: "lesson-exercise";
  readonly skill: string;
}

export interface RealRunBlock {
  readonly is: "real-run";
  readonly fault: string;
  /** Name of a script. */
  readonly example: string;
  /** Empty for the verdict. */
  readonly view: string;
  readonly text: Inline;
}

export interface CellBlock {
  readonly is: "cell";
  readonly code: string;
  readonly output: string | null;
}

export interface RepairBlock {
  readonly is: "repair";
  readonly script: string;
  readonly name: string;
  readonly fault: string;
  readonly judge: string;
  readonly text: Inline;
  readonly command: string;
  readonly confirm: string;
}

export type Block =
  | { readonly is: "paragraph"; readonly parts: Inline }
  | { readonly is: "heading"; readonly level: number; readonly parts: Inline }
  | { readonly is: "items"; readonly ordered: boolean; readonly items: readonly (readonly Block[])[] }
  | { readonly is: "quote"; readonly blocks: readonly Block[] }
  | {
      readonly is: "table";
      readonly header: readonly Inline[];
      readonly rows: readonly (readonly Inline[])[];
      readonly right: readonly boolean[];
    }
  | { readonly is: "display"; readonly latex: string; readonly speech: string }
  | { readonly is: "listing"; readonly text: string }
  | ViewBlock
  | PredictionBlock
  | ExerciseBlock
  | RealRunBlock
  | CellBlock
  | RepairBlock;

export interface OutlineRow {
  readonly id: string;
  readonly number: number;
  readonly title: string;
  readonly summary: string;
  readonly minutes: number;
  readonly skills: readonly string[];
  readonly language: string;
}

/** `course`. */
export interface CourseDocument {
  readonly view: "lesson";
  readonly language: string;
  readonly languages: Readonly<Record<string, string>>;
  readonly words: Readonly<Record<string, string>>;
  readonly lessons: readonly OutlineRow[];
}

/** `lesson`. */
export interface LessonDocument extends Omit<CourseDocument, "lessons"> {
  readonly lesson: OutlineRow;
  readonly blocks: readonly Block[];
  readonly previous: OutlineRow | null;
  readonly next: OutlineRow | null;
}

/** `understood`. */
export interface UnderstoodDocument {
  readonly latex: string;
  readonly speech: string;
}

/** `grade`. */
export interface GradeDocument {
  readonly correct: boolean;
  readonly how: string;
  /** Asked back where two mistakes would give this answer: the same answer again, with a `reply`. */
  readonly question: Inline | null;
  readonly diagnoses: readonly {
    readonly mutation: string;
    readonly rule: string;
    readonly node: number;
    readonly message: Inline;
  }[];
  /** What a lesson says to a choice. */
  readonly because: Inline;
  /** Said of a right answer besides, such as in which layout it is written. */
  readonly note: Inline | null;
  /** Of `answer`: why the answer is not kept, if it is not. */
  readonly not_kept?: string | null;
}

/** `practice`: the next exercise. */
export interface PracticeDocument {
  readonly exercise: ExerciseAsked;
  readonly skill: string;
  readonly name: string;
  /** Id of the lesson that teaches the skill. */
  readonly lesson: string;
  readonly level: number;
  /** Whether the skill is to be repeated now. */
  readonly due: boolean;
  readonly skills: readonly { readonly id: string; readonly name: string; readonly due: boolean }[];
  readonly not_kept: string | null;
}

/** An answer of the wall finder; the page keeps them. */
export interface WallAnswer {
  readonly exercise: string;
  readonly correct: boolean;
  readonly mistake_in: string | null;
}

/** `wall`: the next question, or what was found. */
export interface WallDocument {
  readonly answers: readonly WallAnswer[];
  readonly number: number;
  readonly most: number;
  readonly exercise: ExerciseAsked | null;
  readonly found: {
    readonly sentence: string;
    /** The name of the goal; null for all of the course. */
    readonly goal: string | null;
    readonly sure: number;
    readonly questions: number;
    readonly known: readonly string[];
    readonly missing: readonly string[];
    /** A nearer goal that is of use by itself. */
    readonly stop: string | null;
    readonly way: readonly {
      readonly lesson: string;
      readonly title: string;
      readonly minutes: number;
      readonly skills: readonly string[];
    }[];
  } | null;
  readonly not_kept: string | null;
}

/** `goals`: skills to aim at, in the order of the course. */
export interface GoalsDocument {
  readonly goals: readonly {
    readonly id: string;
    readonly name: string;
    /** Of all lessons up to it. */
    readonly minutes: number;
  }[];
}

/** `progress`. */
export interface ProgressDocument {
  readonly file: string;
  readonly answers: number;
  readonly due: number;
  readonly skills: readonly {
    readonly id: string;
    readonly name: string;
    readonly lesson: string;
    /** The probability that it is there; null if nothing tells. */
    readonly known: number | null;
    readonly answers: number;
    readonly right: number;
    readonly mistakes: number;
    readonly due: string | null;
    readonly due_now: boolean;
  }[];
  /** Ids of lessons that are done. */
  readonly lessons: readonly string[];
  readonly wall: { readonly name: string | null; readonly sure: number; readonly questions: number } | null;
}

/** `solved`. */
export interface SolvedDocument {
  /** The last right answer to each exercise of a lesson that has one, by its id. */
  readonly exercises: Readonly<Record<string, string>>;
  /** Ids of lessons that are done. */
  readonly lessons: readonly string[];
}

/** `hints`: three, the lightest first. */
export interface HintsDocument {
  readonly hints: readonly Inline[];
}

/** `worked`: a text, or the formula to see the derivation of. */
export interface WorkedDocument {
  readonly text: Inline;
  readonly formula: string;
  /** By what; of a gradient all variables, with commas. */
  readonly wrt: string;
  /** Of vectors and matrices, as `X=3x2,w=2`; empty without. */
  readonly shapes: string;
  readonly at: Readonly<Record<string, number>>;
}

/** `repair`. */
export interface RepairDocument {
  readonly name: string;
  readonly code: string;
  readonly solution: readonly { readonly old: string; readonly new: string }[];
  readonly why: string;
}

/** An answer of Python as what it is known to be. */
export function as<T>(answer: Json): T {
  return answer as unknown as T;
}
