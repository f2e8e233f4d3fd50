"""How often a wrong derivative is explained, and explained rightly: `make diagnoses`.

The sets are in `tests/learning/sets`: wrong answers with the mistakes that may be named for them,
and right ones in unusual forms. Half of the wrong ones, by a hash, were held out while the engine
was made; a second batch was written when it worked. `independent_answers.jsonl` is
by somebody else, and those that begin with `unseen` too, each written after the engine was
changed for the last time. What was seen of each, and how it is scored, is in docs/practice.md.
"""

import hashlib
import json
import statistics
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chainrule.learning.practice import AnswerError, grade
from chainrule.learning.practice.explanations import slips_said_by
from chainrule.learning.practice.slips import SLIPS
from chainrule.records import Grade

from .made_mistakes import ALSO, mistakes_in_curves, mistakes_in_matrices, said_of
from .slips import heard, slips, slips_of_curves, slips_of_matrices

SETS = Path(__file__).parent.parent / "tests" / "learning" / "sets"
NONE = "none"
"""Of a slip that no rule explains: no mistake may be laid to it."""

OF_SLIPS = frozenset(each.id for each in SLIPS)
"""Say only what differs, and accuse of nothing."""


@dataclass(frozen=True)
class Wrong:
    """A wrong answer whose cause is known."""

    formula: str
    wrt: str
    answer: str
    causes: tuple[str, ...]
    batch: int = 1
    at: tuple[tuple[str, float], ...] = ()

    @property
    def held_out(self) -> bool:
        """Whether it was not looked at while the engine was made."""
        text = f"{self.formula}|{self.wrt}|{self.answer}"
        return hashlib.sha256(text.encode()).digest()[0] % 2 == 0


OF_SHAPE = frozenset({"matrix-misfit", "gradient-shape", "entries-shape"})
"""Facts about an answer, which accuse nobody and name no cause."""

SAME: dict[str, tuple[str, ...]] = {
    "matrix-stopped-early": ("chain-inner-lost",),
    "symmetric-assumed": ("transpose-missing", "transpose-too-many"),
    "slope-lost": ("chain-inner-lost", "chain-outer-lost"),
    "inverse-left-factor-lost": ("reciprocal-square-lost",),
    "inverse-right-factor-lost": ("reciprocal-square-lost",),
    "power-slope-lost": ("chain-outer-lost",),
    "power-base-lost": ("chain-inside-differentiated",),
    "chain-outer-lost": ("not-differentiated",),
    "relu-kept": ("not-differentiated",),
    "relu-one": ("slope-lost",),
    "softmax-kept": ("not-differentiated",),
    "norm-as-square": ("sqrt-of-derivative", "chain-outer-lost"),
    "norm-not-divided": ("chain-outer-lost",),
    "determinant-as-log-determinant": ("log-of-derivative", "chain-outer-lost"),
    "log-determinant-as-determinant": ("chain-outer-lost",),
    "trace-as-sum": ("constant-one",),
    "mean-as-sum": ("multiple-lost",),
    "vector-factor-lost": ("multiple-lost",),
    "entrywise-quotient-sign": ("quotient-plus",),
    "gradient-order": ("order-of-factors",),
    "gradient-multiple-lost": ("multiple-lost",),
    "gradient-term-lost": ("sum-term-lost",),
    "gradient-term-sign": ("sum-sign", "difference-sign-lost"),
    "softmax-as-sigmoid": ("sum-term-lost",),
    "logsumexp-log-lost": ("chain-outer-lost", "log-of-derivative"),
    "cross-entropy-target-lost": ("sum-term-lost",),
    "cross-entropy-plus": ("sum-sign", "difference-sign-lost"),
    "cross-entropy-of-probabilities": ("chain-inner-lost", "matrix-stopped-early"),
    "cross-entropy-as-squares": ("chain-inner-lost", "chain-inside-forgotten"),
    "cross-entropy-log-kept": ("log-of-derivative", "not-differentiated"),
    "cross-entropy-own-score": ("sum-term-lost",),
    "cross-entropy-sigmoid": ("sigmoid-as-tanh",),
    "held-term-lost": ("gradient-term-lost", "sum-term-lost"),
    "inside-term-lost": ("gradient-term-lost", "sum-term-lost"),
    "inside-minus-lost": ("sum-sign", "difference-sign-lost"),
    "held-factor-lost": ("vector-factor-lost", "multiple-lost", "gradient-multiple-lost"),
    "one-place-twice": ("symmetric-assumed", "two-too-many"),
    "parts-skipped": ("chain-inner-lost", "matrix-stopped-early", "slope-lost"),
    "inverse-sign": ("reciprocal-sign", "gradient-term-sign", "sum-sign"),
    "softmax-plus": ("gradient-term-sign", "sum-sign", "difference-sign-lost"),
    "logsumexp-sigmoid": ("softmax-as-sigmoid", "sigmoid-as-tanh", "cross-entropy-sigmoid"),
    "determinant-inverse-lost": ("reciprocal-of-whole", "reciprocal-of-derivative"),
    "log-determinant-inverse-lost": ("log-turned", "log-reciprocal"),
    "sqrt-not-lowered": ("power-not-lowered",),
    "entrywise-product-as-matrix-product": ("transpose-too-many",),
}
"""What of matrices has another name than with numbers, beside what a rule has (`ALSO`)."""


def fairly(found: Sequence["Outcome"]) -> "Figures":
    """Precision and recall where the names of the labels are not those of the engine.

    A fact about a shape is no accusation; the same mistake under another name is right; and where
    a slip is among the causes, so is what names a slip, or only says what was left out.
    """
    wrong = [each for each in found if not each.grade.correct]
    accusing = [each for each in wrong if each.accusing]
    caused = [each for each in wrong if not (OF_SLIPS | {NONE}).issuperset(each.row.causes)]
    slips = [each for each in wrong if each not in caused]
    right = sum(map(_is_fair, accusing)) / max(1, len(accusing))
    return Figures(
        precision=right,
        recall=sum(map(_is_fair, caused)) / max(1, len(caused)),
        silent=sum(not each.accusing or _is_fair(each) for each in slips) / max(1, len(slips)),
        first=right,
        anywhere=right,
        first_recall=sum(map(_is_fair, caused)) / max(1, len(caused)),
        accused=sum(each.accusing and not _is_fair(each) for each in slips),
        accepted=sum(each.grade.correct for each in found),
        answers=len(found),
    )


def _is_fair(outcome: "Outcome") -> bool:
    causes = {*outcome.row.causes}
    said = [each.mutation for each in outcome.grade.diagnoses]
    among = [
        bool({one, *ALSO.get(one, ()), *SAME.get(one, ()), *slips_said_by(one)} & causes)
        for one in said
    ]
    if outcome.grade.question is None:
        return bool(among) and all(among)
    slip = (OF_SLIPS | {NONE}).issuperset(causes)
    return any(among) or (slip and bool(OF_SLIPS.intersection(said)))


@dataclass(frozen=True)
class Outcome:
    """What was said of one wrong answer."""

    row: Wrong
    grade: Grade
    seconds: float

    @property
    def named(self) -> tuple[str, ...]:
        """The mistakes that were named; nothing where only a slip was."""
        found = tuple(each.mutation for each in self.grade.diagnoses)
        return () if OF_SLIPS.issuperset(found) else found

    @property
    def accusing(self) -> bool:
        """Whether more is said than of what shape the answer is."""
        return bool(self.named) and not OF_SHAPE.issuperset(self.named)

    @property
    def right(self) -> bool:
        """Whether what was named is acceptable: all of it, or with a question one of it.

        Of a slip that is so where the question leaves it open that it was one.
        """
        slip = self.row.causes == (NONE,)
        among = [name in self.row.causes or (slip and name in OF_SLIPS) for name in self.named]
        return bool(among) and (any(among) if self.grade.question else all(among))


def wrong_answers() -> list[Wrong]:
    """The set of wrong answers by the author of the engine."""
    return read("wrong_answers.jsonl")


def independent_answers() -> list[Wrong]:
    """The set of wrong answers by somebody who had not read the search for mistakes."""
    return read("independent_answers.jsonl")


def unseen_answers() -> list[Wrong]:
    """The set of wrong answers that was written last, without a look at the engine."""
    return read("unseen_answers.jsonl")


def curve_answers() -> list[Wrong]:
    """The set of wrong slopes of curves, by the author of their grading."""
    return read("curve_answers.jsonl")


def matrix_answers() -> list[Wrong]:
    """The set of wrong derivatives by vectors and matrices, by the author of their grading."""
    return read("matrix_answers.jsonl")


def unseen_curve_answers() -> list[Wrong]:
    """Wrong slopes of curves by an outsider."""
    return read("unseen_curve_answers.jsonl")


def unseen_matrix_answers() -> list[Wrong]:
    """Wrong derivatives by vectors and matrices by an outsider."""
    return read("unseen_matrix_answers.jsonl")


def unseen_matrix_answers_2() -> list[Wrong]:
    """Wrong derivatives by vectors and matrices by a second outsider."""
    return read("unseen_matrix_answers_2.jsonl")


def unseen_matrix_answers_3() -> list[Wrong]:
    """Wrong derivatives by vectors and matrices by a third outsider."""
    return read("unseen_matrix_answers_3.jsonl")


def unseen_matrix_answers_4() -> list[Wrong]:
    """Wrong derivatives by vectors and matrices by a fourth outsider."""
    return read("unseen_matrix_answers_4.jsonl")


def read(file: str) -> list[Wrong]:
    """A set of wrong answers."""
    return [
        Wrong(
            row["formula"],
            row["wrt"],
            row["answer"],
            tuple(row["causes"]),
            row["batch"],
            tuple(row.get("at", {}).items()),
        )
        for row in map(json.loads, (SETS / file).read_text("utf-8").splitlines())
    ]


def right_answers(file: str = "right_answers.jsonl") -> list[tuple[str, str, str]]:
    """Formula, variable and answer of a set of right answers."""
    lines = (SETS / file).read_text("utf-8").splitlines()
    return [(row["formula"], row["wrt"], row["answer"]) for row in map(json.loads, lines)]


def outcomes(rows: Sequence[Wrong]) -> list[Outcome]:
    """Each row graded; of an answer that cannot be read nothing is said."""
    found = []
    for row in rows:
        begin = time.process_time()
        try:
            graded = grade(row.formula, row.wrt, row.answer, dict(row.at) or None)
        except AnswerError:
            graded = Grade(correct=False)
        found.append(Outcome(row, graded, time.process_time() - begin))
    return found


@dataclass(frozen=True)
class Figures:
    """Shares over a set.

    Attributes:
        precision: Of the answers of which something was said, how many rightly.
        recall: Of the answers with a cause, of how many it was said.
        silent: Of the slips without a cause, how many were not accused.
        first: Precision where the mistake that is named first must be acceptable.
        anywhere: Precision where it is enough that one of those named is.
        first_recall: Of the answers with a cause, of how many the first named is acceptable.
        accused: Slips for which a mistake was named, and no slip besides.
        accepted: Wrong answers that were taken for right ones.
        answers: In the set.
    """

    precision: float
    recall: float
    silent: float
    first: float
    anywhere: float
    first_recall: float
    accused: int
    accepted: int
    answers: int


def figures(found: Sequence[Outcome]) -> Figures:
    """The shares."""
    said = [each for each in found if each.named]
    with_cause = [each for each in found if NONE not in each.row.causes]
    slips = [each for each in found if each.row.causes == (NONE,)]
    first = [each for each in said if _accepts(each.row, each.named[:1])]
    anywhere = [each for each in said if _accepts(each.row, each.named)]
    return Figures(
        precision=sum(each.right for each in said) / max(1, len(said)),
        recall=sum(each.right for each in with_cause) / max(1, len(with_cause)),
        silent=sum(not each.named or each.right for each in slips) / max(1, len(slips)),
        first=len(first) / max(1, len(said)),
        anywhere=len(anywhere) / max(1, len(said)),
        first_recall=sum(NONE not in each.row.causes for each in first) / max(1, len(with_cause)),
        accused=sum(bool(each.named) and not each.right for each in slips),
        accepted=sum(each.grade.correct for each in found),
        answers=len(found),
    )


def _accepts(row: Wrong, named: Sequence[str]) -> bool:
    return bool(set(named) & (OF_SLIPS if row.causes == (NONE,) else {*row.causes}))


def confusion(found: Sequence[Outcome]) -> list[tuple[str, str, int]]:
    """Cause, what was said instead or rightly, how often; the rightly said ones first."""
    counts: Counter[tuple[str, str]] = Counter()
    for each in found:
        named = each.named
        agreed = next((name for name in named if name in each.row.causes), None)
        said = agreed or ("+".join(named) if named else "nothing")
        counts[agreed or each.row.causes[0], said] += 1
    return sorted(
        ((cause, said, count) for (cause, said), count in counts.items()),
        key=lambda row: (row[0] != row[1], -row[2], row),
    )


def report(*, verbose: bool = False) -> str:
    """All of it as text."""
    found = outcomes(wrong_answers())
    independent = outcomes(independent_answers())
    unseen = outcomes(unseen_answers())
    curves = outcomes(curve_answers())
    matrices = outcomes(matrix_answers())
    halves = {
        "looked at": [each for each in found if each.row.batch == 1 and not each.row.held_out],
        "held out": [each for each in found if each.row.batch == 1 and each.row.held_out],
        "afterwards": [each for each in found if each.row.batch == 2],
        "all": found,
        "independent": independent,
        "unseen": unseen,
        "curves": curves,
        "matrices": matrices,
    }
    lines = [
        "answers      number  precision  first  any one  recall  recall of first  slips accused  "
        "taken for right"
    ]
    for name, half in halves.items():
        f = figures(half)
        lines.append(
            f"{name:<12} {f.answers:>6} {f.precision:>10.1%} {f.first:>6.1%} {f.anywhere:>8.1%} "
            f"{f.recall:>7.1%} {f.first_recall:>16.1%} {f.accused:>14} {f.accepted:>16}"
        )
    outsiders = {
        "outsider's curves": outcomes(unseen_curve_answers()),
        "outsider's matrices": outcomes(unseen_matrix_answers()),
        "a second's matrices": outcomes(unseen_matrix_answers_2()),
        "a third's matrices": outcomes(unseen_matrix_answers_3()),
        "a fourth's matrices": outcomes(unseen_matrix_answers_4()),
    }
    lines += ["", "scored fairly        number  precision  recall  slips accused  taken for right"]
    for name, those in outsiders.items():
        f = fairly(those)
        lines.append(
            f"{name:<20} {f.answers:>6} {f.precision:>10.1%} {f.recall:>7.1%} {f.accused:>14} "
            f"{f.accepted:>16}"
        )
    lines.append("")
    right = [grade(*each) for each in right_answers()]
    lines.append(
        f"right answers accepted: {sum(each.correct for each in right)} of {len(right)}, "
        f"{sum(each.how == 'exact' for each in right)} of them proved by algebra"
    )
    for number, who in ((2, "second"), (3, "third"), (4, "fourth")):
        accepted = _accepted(f"unseen_matrix_right_answers_{number}.jsonl")
        lines.append(f"of a {who} outsider's matrices: {sum(accepted)} of {len(accepted)}")
    for of, made in (
        ("", slips()),
        (" (curves)", slips_of_curves()),
        (" (matrices)", slips_of_matrices()),
    ):
        lines += [
            "",
            f"{'random slips' + of:<23} number  nothing  what differs  asked back  accused",
        ]
        for kind, said in heard(made).items():
            lines.append(
                f"{kind:<22} {said.slips:>7} {said.nothing:>8} {said.differs:>13} "
                f"{said.asked:>11} {said.accused:>8}  {said.accused / said.slips:>6.1%}"
            )
    lines += ["", "mistakes made by rules  number  nothing  what differs  named  another named"]
    for of, mistakes in (("curves", mistakes_in_curves()), ("matrices", mistakes_in_matrices())):
        told = said_of(mistakes)
        lines.append(
            f"{of:<22} {len(mistakes):>7} {told.nothing:>8} {told.differs:>13} {told.named:>6} "
            f"{told.otherwise:>14}  {told.named / len(mistakes):>6.1%}"
        )
    lines.append("")
    lines += [
        _times("a wrong answer", [*found, *independent, *unseen]),
        _times("a wrong slope of a curve", [*curves, *outsiders["outsider's curves"]]),
        _times("a wrong derivative by a matrix", [*matrices, *outsiders["outsider's matrices"]]),
    ]
    for kind, those in (("", found), (" (curves)", curves), (" (matrices)", matrices)):
        lines += ["", f"{'cause' + kind:<34} {'said':<34} answers"]
        lines += [f"{cause:<34} {said:<34} {count:>4}" for cause, said, count in confusion(those)]
    if verbose:
        lines += ["", "not as it should be:"]
        for each in [*found, *independent, *unseen, *curves, *matrices]:
            quiet = not each.named and NONE in each.row.causes
            if not each.right and not quiet:
                lines.append(f"  {each.row}: {each.named} {each.grade.correct}")
    return "\n".join(lines)


def _accepted(file: str) -> list[bool]:
    """Of each right answer whether it is taken for right; one that cannot be read is not."""
    found = []
    for row in right_answers(file):
        try:
            found.append(grade(*row).correct)
        except AnswerError:
            found.append(False)
    return found


def _times(what: str, found: Sequence[Outcome]) -> str:
    times = sorted(each.seconds * 1000 for each in found)
    return (
        f"processor time of {what}: median {statistics.median(times):.0f} ms, 95 % within "
        f"{times[int(0.95 * len(times))]:.0f} ms, longest {times[-1]:.0f} ms"
    )


if __name__ == "__main__":
    import sys

    print(report(verbose="--verbose" in sys.argv))
