"""LaTeX as KaTeX takes it in its strict mode: no signs of Unicode, no two indices on one name."""

import re

import pytest
from corpus import Problem, problems

from chainrule.calculus import derive
from chainrule.calculus.document import derivation_document
from chainrule.calculus.notations import NOTATIONS

TWO_INDICES = re.compile(r"(?<!\})_\{[^{}]*\}'*_\{|(?<!\})\^\{[^{}]*\}\s*\^")

NUMBERED = [problem for problem in problems() if re.search(r"\d", problem.variable)]
RADICALS = [problem for problem in problems() if re.search("[√∛]", problem.text)]


def strings(found: object) -> list[str]:
    if isinstance(found, str):
        return [found]
    if isinstance(found, dict):
        names = ("before", "after", "filled", "result", "statement", "symbol", "pattern", "raw")
        kept = [each for name, each in found.items() if name in names or not isinstance(each, str)]
        return [text for each in kept for text in strings(each)]
    if isinstance(found, list | tuple):
        return [text for each in found for text in strings(each)]
    return []


@pytest.mark.parametrize("problem", [*NUMBERED[:4], *RADICALS], ids=lambda each: each.title)
def test_nothing_that_katex_refuses(problem: Problem) -> None:
    derivation = derive(problem.formula, problem.variable)
    for notation in NOTATIONS:
        if notation.style != "mathematics":
            continue
        document = derivation_document(derivation, notation, script="latex")
        written = {key: document[key] for key in ("steps", "algebra", "factoring", "glossary")}
        texts = strings(written)
        assert len(texts) > 5
        for text in texts:
            assert text.isascii(), text
            assert not TWO_INDICES.search(text), text
