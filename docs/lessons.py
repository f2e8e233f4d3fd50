"""Make the table of lessons and difficulties: `python docs/lessons.py` writes docs/lessons.md.

Which lesson treats which difficulty stands in the front matter of the lessons; here is only what
the difficulties are.
"""

from pathlib import Path

from chainrule.learning.course.course import outlines

PAGE = Path(__file__).with_suffix(".md")

DIFFICULTIES = {
    1: "Σ and subscripts cannot be read at all",
    2: "f′, dy/dx, ∂f/∂x, D, ∇: the same object or not; d²y/dx² read as a square",
    3: "is dy/dx a fraction, and may du cancel",
    4: "is the derivative a number or a function",
    5: "conventions of indices and layers",
    6: "the number of a layer read as a power",
    7: "the inner derivative is forgotten",
    8: "the inner derivative stands in the wrong place, f′(g′(x))",
    9: "composition treated as a product",
    10: "a longer chain stops after one level",
    11: "several paths: multiply along, add across",
    12: "total and partial derivative, one letter in both roles",
    13: "backpropagation taken for gradient descent",
    14: "why backward, and why store activations",
    15: "what “hold the others constant” means",
    16: "types: the gradient of a vector, ∇(∇f)",
    17: "the gradient drawn on the surface, or normal to it",
    18: "the gradient is expected to point to the minimum",
    19: "sign and direction in one dimension",
    20: "the directional derivative, and the unit vector in it",
    21: "gradient, row or column; gradient and Jacobian",
    22: "why Xᵀ",
    23: "the slope of a bias: why the sum over the batch",
    24: "softmax's Jacobian and Kronecker's δ",
    25: "why minus, and what is subtracted from what",
    26: "why a large η diverges and does not just jitter",
    27: "one η for all directions; scales of features",
    28: "flat taken for a minimum; fear of local minima",
    29: "the size of the gradient taken for the distance to go",
    30: "vanishing put down to the sigmoid's slope alone",
    31: "ReLU at 0: is it legal",
    32: "dead ReLUs, and advice that contradicts itself",
    33: "zero initialization, and what “accumulate” means",
}
"""As documented in forums and papers, by number."""

_HEAD = """# What the lessons treat

The course has {count} lessons of about {minutes} minutes each. Open it with `chainrule learn`, or
read one in the terminal with `chainrule learn chain-rule --format text`.

`python docs/lessons.py` made this page from the lessons' own front matter.
"""


def page() -> str:
    """The page, in Markdown."""
    course = outlines()
    minutes = round(sum(each.minutes for each in course) / len(course))
    lines = [_HEAD.format(count=len(course), minutes=minutes)]
    lines += ["## The lessons", "", "| | lesson | its one idea |", "|---:|---|---|"]
    lines += [f"| {each.number} | {each.title} | {each.summary} |" for each in course]
    lines += ["", "## Where each difficulty is met", ""]
    lines += [
        f"{len(DIFFICULTIES)} difficulties of learners are documented in forums, textbooks and "
        "papers.",
        "",
        "| | difficulty | lessons |",
        "|---:|---|---|",
    ]
    for number, difficulty in DIFFICULTIES.items():
        met = [each for each in course if number in each.difficulties]
        where = ", ".join(f"{each.number} `{each.id}`" for each in met)
        lines.append(f"| {number} | {difficulty} | {where} |")
    lines += ["", "## Which lesson explains which finding", "", "| finding | lesson |", "|---|---|"]
    by_fault = sorted((fault, each) for each in course for fault in each.faults)
    lines += [f"| `{fault}` | {each.number} `{each.id}` |" for fault, each in by_fault]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
