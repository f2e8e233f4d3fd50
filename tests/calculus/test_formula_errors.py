"""What is said about a formula that cannot be read: the sentence, the column, the caret."""

import sys
import threading
import time
from collections.abc import Callable

import pytest
from syrupy.assertion import SnapshotAssertion

from chainrule.calculus import Evaluation, Formula, FormulaError, derive, parse
from chainrule.calculus.cursor import MAX_NESTING
from chainrule.calculus.definitions import values_at
from chainrule.calculus.errors import WINDOW
from chainrule.calculus.kinks import kinks
from chainrule.calculus.narrate import narrate
from chainrule.calculus.parse import MAX_DEPTH
from chainrule.calculus.read_problem import read_problem
from chainrule.calculus.tokens import MAX_LENGTH
from chainrule.records.shortened import shortened

MISTAKES = {
    "something is missing": ["x +", "x * (y + )", "()", "2 ^", "max(x,", "[1, ]", "* x", "x // 2"],
    "brackets do not match": [
        "(x + 1",
        "x + 1)",
        "(x + 1]",
        "[x, y",
        "|x",
        "sin(x",
        "‖x|",
        "|2|x||",
    ],
    "signs that no formula has": [
        *("y = x^2", "A.T", "x.__class__", "x; y", "5!", "10%", "f'(x)", "{x}", "x ⁻", "a ≤ b"),
        *("__import__('os')", "x and 'y'", "\\frac{1}{2}", "x\x1b[31m", "٣x", "↉x", "∞"),
    ],
    "letters": ["х + 1", "変数 + 1", "λx + 1", "_x", "xϖ"],
    "two readings": [
        *("1/2x", "a/b(c)", "W @ 2x", "e^2x", "2^3x", "sin x^2", "sin x y", "sin 2 x", "√2x"),
        *("sin²x^2", "x²^3", "sin x(y)", "log² 10 x", "3½", "e^½x", "1/½x", "√½x"),
    ],
    "two things side by side": [
        "2 3",
        "x 2",
        "x½",
        "(x)2",
        "x[1]",
        "1.2.3",
        "1,5",
        "f(x), y",
        "(x, y)",
    ],
    "functions": [
        *(
            "los(x)",
            "f(x)",
            "foo(x)",
            "Sin(x)",
            "sin",
            "sin + 1",
            "sin()",
            "sin cos x",
            "sin(x, y)",
        ),
        *("max()", "atan2(y)", "atan2 y", "exp^2(x)", "sin^-1(x)", "sin⁻¹(x)", "sin^n(x)"),
        *("mse(x)", "huber(x)", "log(x, 2, 3)", "arctg(x)"),
    ],
    "numbers": [
        *("9**9**9", "1e999", "1e-999", "x + 2^-9999", "10^308 * 10", "1/0", "x/(1 - 1)", "0^-1"),
        *(
            "(-8)^(1/3)",
            "e^e^e^e",
            "9" * 400,
            "0x10*x",
            "x + 0b1",
            *("log(x, 1)", "1 + ln(x, 0)", "log(x, -2)", "log(x, 3 - 2)"),
        ),
    ],
    "nothing": ["", "   ", "\n"],
}


def said(text: str) -> str:
    with pytest.raises(FormulaError) as caught:
        parse(text)
    assert caught.value.reason.endswith("."), caught.value.reason
    return f"{text!r}\n{caught.value}"


@pytest.mark.parametrize("kind", MISTAKES)
def test_what_is_said(kind: str, snapshot: SnapshotAssertion) -> None:
    assert "\n\n".join(said(text) for text in MISTAKES[kind]) == snapshot


@pytest.mark.parametrize("value", [None, 3, b"x", ["x"]])
def test_what_is_no_text(value: object) -> None:
    with pytest.raises(FormulaError, match="as text, found"):
        parse(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("position", [0, 10, 500, 990, 999])
def test_a_long_text_is_shown_around_the_place(position: int) -> None:
    text = "x+" * 500
    text = text[:position] + "$" + text[position + 1 :] + "1"
    with pytest.raises(FormulaError) as caught:
        parse(text)
    assert caught.value.column == position + 1
    _, column, shown, caret = str(caught.value).splitlines()
    assert column.strip() == f"column {position + 1}:"
    assert shown[caret.index("^")] == "$"
    assert len(shown) <= WINDOW + 6


def test_the_caret_is_under_the_place_after_a_tab() -> None:
    with pytest.raises(FormulaError) as caught:
        parse("a\t+\n$")
    *_, shown, caret = str(caught.value).splitlines()
    assert shown == "    a + $"
    assert caret.index("^") == shown.index("$")


HUGE = {
    "parentheses": "(" * 100_000,
    "matching parentheses": "(" * 50_000 + "x" + ")" * 50_000,
    "a megabyte of terms": "x+" * 500_000 + "x",
    "a megabyte of one name": "x" * 1_000_000,
    "a megabyte of spaces": " " * 1_000_000,
    "parentheses within the length": "(" * (MAX_LENGTH - 1),
    "bars": "|" * (MAX_LENGTH - 1),
    "brackets": "[" * (MAX_LENGTH - 1),
    "functions": "sin(" * (MAX_LENGTH // 4),
    "signs": "-" * (MAX_LENGTH - 1) + "x",
    "powers": "x^" * (MAX_LENGTH // 2 - 1) + "x",
    "quotients": "x/" * (MAX_LENGTH // 2 - 1) + "x",
    "matrix products": "x@" * (MAX_LENGTH // 2 - 1) + "x",
    "transposes": "x" + "ᵀ" * (MAX_LENGTH - 1),
    "superscripts": "x" + "²" * (MAX_LENGTH - 1),
    "digits": "9" * MAX_LENGTH,
    "towers": "9**9**9**9**9",
    "a tower that underflows": "2**-9**9",
    "a tower in an exponent": "x**(9**9**9)",
}
MILLISECONDS = 100
"""Alone they take 0.1 to 9 ms; the rest is for a machine with other things to do."""


@pytest.mark.parametrize("name", HUGE)
def test_what_is_huge_is_refused_at_once(name: str) -> None:
    times = []
    for _ in range(3):
        began = time.perf_counter()
        with pytest.raises(FormulaError):
            parse(HUGE[name])
        times.append((time.perf_counter() - began) * 1000)
    assert min(times) < MILLISECONDS


DEEP = {
    "parentheses": ("(" * MAX_NESTING, "x", ")" * MAX_NESTING),
    "functions": ("1+2*sin(" * MAX_NESTING, "x", ")" * MAX_NESTING),
    "arguments": ("max(1, " * MAX_NESTING, "x", ")" * MAX_NESTING),
    "signs": ("-" * MAX_NESTING, "x", ""),
    "powers": ("x^" * MAX_NESTING, "x", ""),
    "bars": ("|" * MAX_NESTING, "x", "|" * MAX_NESTING),
    "quotients": ("", "x", "/x" * (MAX_DEPTH - 1)),
}


@pytest.mark.parametrize("name", DEEP)
def test_as_deep_as_allowed_is_read_with_half_of_the_recursion_that_python_allows(
    name: str,
) -> None:
    before, middle, after = DEEP[name]
    read_here: list[Formula] = []

    def read() -> None:
        read_here.append(parse(before + middle + after))

    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(520)
    try:
        thread = threading.Thread(target=read)  # its stack begins empty
        thread.start()
        thread.join()
    finally:
        sys.setrecursionlimit(limit)
    assert read_here == [parse(before + middle + after)]


@pytest.mark.parametrize("name", DEEP)
def test_one_more_is_refused(name: str) -> None:
    before, middle, after = DEEP[name]
    step_before = before[: len(before) // MAX_NESTING]
    step_after = after[: len(after) // MAX_NESTING] if before else "/x"
    with pytest.raises(FormulaError, match="deep"):
        parse(before + step_before + middle + step_after + after)


def test_a_large_formula_of_ordinary_depth_is_read() -> None:
    text = "+".join(f"w_{i}*x" for i in range(1000))
    assert len(text) < MAX_LENGTH
    assert len(parse(text).nodes()) == 3001


# ---- what was typed is not echoed without end ----------------------------------------------------

LETTERS = "a" * 10_000
FACTORS = " * ".join(["sin(x)"] * 200)
NAMES = " + ".join(f"x{i}" for i in range(400))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: derive(parse(LETTERS[:9000]), "x"),
        lambda: derive(parse("x^2"), LETTERS),
        lambda: derive(parse(NAMES), "q"),
        lambda: parse(f"{LETTERS[:9000]}(x)"),
        lambda: parse(f"{LETTERS}a"),
        lambda: read_problem(f"z = x^2; z = {LETTERS[:5000]}"),
        lambda: read_problem(f"{LETTERS[:5000]}(x) = 3 y"),
        lambda: read_problem(f"{LETTERS[:5000]} = 3; y = 4"),
        lambda: values_at(read_problem(f"z = y; y = {FACTORS}").defined, {"y": 1.0}),
        lambda: Evaluation({"x": 1.0})(parse(f"ln(-({FACTORS})^2)").root),
        lambda: Evaluation({"x": 0.0})(parse(f"1/({FACTORS})").root),
        lambda: Evaluation({f"x{i}": -1.0 for i in range(400)})(parse(f"ln({NAMES})").root),
        lambda: narrate(derive(parse("x"), "x"), LETTERS),
    ],
)
def test_a_message_holds_a_line_of_what_was_typed_at_most(wrong: Callable[[], object]) -> None:
    with pytest.raises(FormulaError) as caught:
        wrong()
    sentence = caught.value.reason
    assert len(sentence) < 400, sentence
    assert max(map(len, sentence.split())) <= 62, sentence


def test_a_kink_names_a_long_place_by_its_two_ends() -> None:
    formula = parse(f"relu({' + '.join(['x'] * 200)} - 200)")
    found = kinks(derive(formula, "x"), Evaluation({"x": 1.0}))
    assert found
    assert all(len(each.message) < 400 for each in found)


def test_short_words_and_short_lists_stay() -> None:
    for message in ("Expected 'x', found 'y'.", "it has a, b, c.", "/" + "a" * 200 + "/b"):
        assert shortened(message) == message
    listed = "it has " + ", ".join(f"x{i}" for i in range(30)) + "."
    assert shortened(listed) == "it has x0, x1, x2, x3, x4, x5, x6, x7, x8, x9 and 20 more."
    assert shortened("a" * 100 + " b") == "a" * 28 + "…" + "a" * 28 + " b"
