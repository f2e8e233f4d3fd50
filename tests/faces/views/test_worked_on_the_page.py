"""What a page asks to show a worked exercise: each derivation of it can be shown."""

from pathlib import Path
from typing import Any

import pytest

from chainrule.faces.views.questions import Context, answer

HERE = Context(Path())


@pytest.mark.parametrize(
    ("id", "wrt"),
    [
        ("gradient.1.0", "x,y"),
        ("paths-add.4.2", "x"),  # an equation
        ("matrices.5.2", "x"),  # a gradient by a vector
        ("chain-rule.2.1", "x"),
    ],
)
def test_all_that_is_asked_for_has_a_derivation(id: str, wrt: str) -> None:
    shown: Any = answer("worked", {"exercise": id}, HERE)
    assert (shown["text"], shown["wrt"]) == ([], wrt)
    for each in wrt.split(","):
        sizes = {"shapes": shown["shapes"]} if shown["shapes"] else {}
        asked = {"formula": shown["formula"], "wrt": each, **sizes}
        found: Any = answer("derivation", asked, HERE)
        assert found["view"] == "derivation"


def test_what_is_typed_with_matrices_is_understood() -> None:
    exercise = {"exercise": "matrices.5.2"}
    said: Any = answer("understood", {**exercise, "answer": "2 A^T (A x - b)"}, HERE)
    assert said["view"] == "understood"
    assert r"A^{\top}" in said["latex"]
