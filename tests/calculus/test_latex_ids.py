r"""LaTeX with the ids of its parts: the same formula, in which each part can be found."""

import re

import pytest
from formula_trees import trees
from hypothesis import given, settings

from chainrule.calculus import Node, parse
from chainrule.calculus.latex import Latex
from chainrule.calculus.problem import numbered
from chainrule.calculus.tree import Formula

MARK = re.compile(r"\\htmlData\{node=(\d+)\}\{")


def without_marks(text: str) -> str:
    r"""Each \htmlData{node=…}{text} as its text."""
    while match := MARK.search(text):
        depth, end = 1, match.end()
        while depth:
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        text = text[: match.start()] + text[match.end() : end - 1] + text[end:]
    return text


@settings(max_examples=100, deadline=None)
@given(tree=trees)
def test_marks_change_nothing_else(tree: Node) -> None:
    formula = Formula(text="", root=numbered(tree))
    assert without_marks(Latex(ids=True).write(formula)) == Latex().write(formula)


@settings(max_examples=100, deadline=None)
@given(tree=trees)
def test_the_whole_is_marked_and_every_name(tree: Node) -> None:
    formula = Formula(text="", root=numbered(tree))
    found = [int(number) for number in MARK.findall(Latex(ids=True).write(formula))]
    assert found[0] == formula.root.id
    assert {*found} <= {node.id for node in formula.nodes()}
    assert len({*found}) == len(found)


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("x^2", r"\htmlData{node=2}{\htmlData{node=0}{x}^{\htmlData{node=1}{2}}}"),
        ("-x/y", r"\htmlData{node=3}{-\htmlData{node=2}{\frac{\htmlData{node=0}{x}}"
         r"{\htmlData{node=1}{y}}}}"),
        ("sin²(x)", r"\htmlData{node=3}{\sin^{\htmlData{node=2}{2}}"
         r"\left(\htmlData{node=0}{x}\right)}"),
    ],
)  # fmt: skip
def test_marks_stand_around_parts(text: str, latex: str) -> None:
    found = Latex(ids=True).write(parse(text))
    assert MARK.sub("", found).count("}") == MARK.sub("", latex).count("}")
    assert without_marks(found) == without_marks(latex)


def test_what_a_derivation_makes_has_no_mark() -> None:
    from chainrule.calculus.build import multiply, number

    x = parse("x").root
    assert Latex(ids=True).write(multiply(number(2), x)) == r"2 \htmlData{node=0}{x}"
