"""The question `examples`: formulas and scripts to start from."""

import tomllib
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TypedDict

import chainrule
from chainrule import __version__

from .question import Context, Parameters, Question

FOLDER = "examples"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormulaExample:
    """A formula with a place to look at it from.

    Attributes:
        name: As people call it.
        formula: As one types it.
        about: What there is to see, in a sentence or two.
        window: (low, high) of one or two variables.
        start: A number for each name.
        optimizer: One of those of `chainrule descend`.
        learning_rate: η to begin with.
    """

    name: str
    formula: str
    about: str
    window: dict[str, tuple[float, float]]
    start: dict[str, float]
    optimizer: str = "gradient-descent"
    learning_rate: float = 0.1
    settings: dict[str, float] = field(default_factory=dict)


FORMULAS: tuple[FormulaExample, ...] = (
    FormulaExample(
        name="Parabola",
        formula="x**2",
        about="The curvature is 2, so steps shrink below η = 1: straight on up to 1/λ = 0.5, from "
        "side to side up to 2/λ = 1, and beyond it they grow.",
        window={"x": (-5.0, 5.0)},
        start={"x": 4.0},
        learning_rate=0.3,
    ),
    FormulaExample(
        name="Valley, fifty times steeper across than along",
        formula="(x**2 + 50*y**2)/2",
        about="The steep direction allows no more than η = 2/50, and at that the flat one takes a "
        "hundred steps: what momentum and Adam are for.",
        window={"x": (-10.0, 10.0), "y": (-2.0, 2.0)},
        start={"x": 9.0, "y": 1.0},
        learning_rate=0.035,
    ),
    FormulaExample(
        name="Saddle",
        formula="x**2 - y**2",
        about="The slope at the origin is 0, and it is no minimum: from y = 0 gradient descent "
        "stays on the ridge and ends there, from anywhere else it leaves.",
        window={"x": (-2.0, 2.0), "y": (-2.0, 2.0)},
        start={"x": 1.5, "y": 0.001},
    ),
    FormulaExample(
        name="Monkey saddle",
        formula="x**3 - 3*x*y**2",
        about="Three ways down: two for the legs and one for the tail. Both curvatures are "
        "0 at the origin, so they do not say what kind of place it is.",
        window={"x": (-2.0, 2.0), "y": (-2.0, 2.0)},
        start={"x": 1.2, "y": 0.1},
        learning_rate=0.05,
    ),
    FormulaExample(
        name="Himmelblau",
        formula="(x**2 + y - 11)**2 + (x + y**2 - 7)**2",
        about="Four minima, all with the value 0: which one is found depends on the start, and "
        "where steps are long on η.",
        window={"x": (-6.0, 6.0), "y": (-6.0, 6.0)},
        start={"x": 0.0, "y": -1.0},
        learning_rate=0.01,
    ),
    FormulaExample(
        name="Rosenbrock",
        formula="(1 - x)**2 + 100*(y - x**2)**2",
        about="A curved valley: its floor is found at once, and following it to (1, 1) takes "
        "thousands of steps, since the curvature across is 2500 times that along.",
        window={"x": (-2.0, 2.0), "y": (-1.0, 3.0)},
        start={"x": -1.2, "y": 1.0},
        learning_rate=0.001,
    ),
    FormulaExample(
        name="Beale",
        formula="(1.5 - x + x*y)**2 + (2.25 - x + x*y**2)**2 + (2.625 - x + x*y**3)**2",
        about="Flat around its minimum at (3, 0.5) and steep at the corners: no learning rate "
        "suits both.",
        window={"x": (-4.5, 4.5), "y": (-4.5, 4.5)},
        start={"x": 1.0, "y": 1.0},
        learning_rate=0.01,
    ),
    FormulaExample(
        name="Kink",
        formula="|x|",
        about="The slope is −1 or 1 and never small, so steps never come to rest: they jump over "
        "the minimum for ever.",
        window={"x": (-3.0, 3.0)},
        start={"x": 2.25},
        learning_rate=0.5,
    ),
    FormulaExample(
        name="Two wells",
        formula="x**4 - 2*x**2 + x/2",
        about="A better and a worse minimum with a hill between. Momentum may carry a descent over "
        "it.",
        window={"x": (-2.0, 2.0)},
        start={"x": 1.8},
        learning_rate=0.02,
    ),
    FormulaExample(
        name="Ripples on a bowl",
        formula="(x**2 + y**2)/20 + sin(2*x)*sin(2*y)",
        about="A minimum in every dent: short steps stay in the nearest one.",
        window={"x": (-5.0, 5.0), "y": (-5.0, 5.0)},
        start={"x": 4.0, "y": 3.5},
        learning_rate=0.1,
    ),
    FormulaExample(
        name="Loss of one neuron",
        formula="L = bce_with_logits(w*x + b, t); x = 2; t = 1",
        about="The loss falls for ever but never reaches 0: the farther out, the flatter.",
        window={"w": (-3.0, 3.0), "b": (-3.0, 3.0)},
        start={"w": -1.5, "b": -1.0},
        learning_rate=0.5,
    ),
    FormulaExample(
        name="Vanishing gradient",
        formula="L = (sigmoid(v*sigmoid(w*x)) - t)**2; x = 1; t = 0",
        about="Two sigmoids in a row: far from the middle their slopes multiply to almost nothing, "
        "and the descent stands still on a plateau.",
        window={"w": (-8.0, 8.0), "v": (-8.0, 8.0)},
        start={"w": 4.0, "v": 6.0},
        learning_rate=1.0,
    ),
    FormulaExample(
        name="Dead unit",
        formula="L = ((relu(w*x + b) - t)**2 + (relu(2*w*x + b) - 2*t)**2)/2; x = 1; t = 1",
        about="Where both inputs are below zero, ReLU passes nothing on: the loss is flat there, "
        "and a descent that lands there never moves again.",
        window={"w": (-3.0, 3.0), "b": (-3.0, 3.0)},
        start={"w": 2.5, "b": 2.0},
        learning_rate=0.1,
    ),
    FormulaExample(
        name="Two layers on one example",
        formula="(a*b - 1)**2",
        about="The network a·b has its minima on a curve, and the flatter they are the larger η "
        "may be; the origin is a saddle, so weights must not begin at 0.",
        window={"a": (-3.0, 3.0), "b": (-3.0, 3.0)},
        start={"a": 0.1, "b": 2.8},
        learning_rate=0.1,
    ),
)


@dataclass(frozen=True, slots=True)
class DerivationExample:
    """A derivation to read; what is typed may have no landscape, as an equation or matrices.

    Attributes:
        name: What it is of.
        formula: As one types it.
        wrt: By which name it is differentiated.
        about: What there is to see.
        at: A point, as in a link; empty for one that is chosen.
    """

    name: str
    formula: str
    wrt: str
    about: str
    at: str = ""


DERIVATIONS: tuple[DerivationExample, ...] = (
    DerivationExample(
        "One neuron",
        "(sigmoid(w*x + b) - t)^2",
        "w",
        "The chain rule from the loss to a weight: three links, whose slopes multiply.",
        "w=0.5,x=2,b=-1,t=1",
    ),
    DerivationExample(
        "Two paths to one variable",
        "z = x^2*y; x = cos(t); y = sin(t)",
        "t",
        "t reaches z by way of x and by way of y: along each path the slopes multiply, and the two "
        "products add.",
        "t=1",
    ),
    DerivationExample(
        "A circle",
        "x^2 + y^2 = 25",
        "x",
        "An equation and no function: both sides are differentiated, and the slope is solved for.",
        "x=3,y=4",
    ),
    DerivationExample(
        "Squared error of a linear layer",
        "sum((X@w - y)^2)",
        "w",
        "A vector of weights at once, with a matrix of examples: rule by rule from the loss back, "
        "and one entry written out.",
    ),
)


class ScriptRow(TypedDict):
    """An example script with the verdict that it must get.

    Attributes:
        name: Of its file, without the suffix.
        title: The first line of what it says of itself.
        about: The rest of that.
        fault: The id of the fault that is found first; `healthy` for none.
        severity: Of that finding.
        also: Further faults.
        place: Parts of the module's or operation's name that are found, by `module`/`operation`.
        command: What watches it.
        source: Its code.
    """

    name: str
    title: str
    about: str
    fault: str
    severity: str
    also: list[str]
    place: dict[str, str]
    command: str
    source: str


class ExamplesDocument(TypedDict):
    """What `examples` answers.

    Attributes:
        formulas: With the keys of `FormulaExample`.
        derivations: With the keys of `DerivationExample`.
        scripts: Empty where they were not installed.
    """

    view: str
    chainrule: str
    formulas: list[dict[str, object]]
    derivations: list[dict[str, object]]
    scripts: list[ScriptRow]


def examples(parameters: Parameters, context: Context) -> ExamplesDocument:
    """Formulas and derivations worth a look, and the example scripts with their verdicts."""
    return {
        "view": "examples",
        "chainrule": __version__,
        "formulas": [asdict(each) for each in FORMULAS],
        "derivations": [asdict(each) for each in DERIVATIONS],
        "scripts": scripts(scripts_folder()),
    }


def scripts_folder() -> Path | None:
    """Where the example scripts are: beside the sources, or where they were installed with them."""
    package = Path(chainrule.__file__).parent
    for folder in (package.parent.parent / FOLDER, package / FOLDER):
        if (folder / "expected.toml").is_file():
            return folder
    return None


def scripts(folder: Path | None) -> list[ScriptRow]:
    """The example scripts of a folder in the order in which their verdicts are listed."""
    if folder is None:
        return []
    expected = tomllib.loads((folder / "expected.toml").read_text("utf-8"))
    return [_script(folder, name, verdict) for name, verdict in expected.items()]


def _script(folder: Path, name: str, verdict: dict[str, object]) -> ScriptRow:
    source = (folder / f"{name}.py").read_text("utf-8")
    said = source.split('"""')[1].strip()
    title, _, about = said.partition("\n")
    also = verdict.get("also", [])
    return {
        "name": name,
        "title": title,
        "about": about.strip(),
        "fault": str(verdict["fault"]),
        "severity": str(verdict["severity"]),
        "also": [str(each) for each in also] if isinstance(also, list) else [],
        "place": {key: str(verdict[key]) for key in ("module", "operation") if key in verdict},
        "command": f"chainrule run {FOLDER}/{name}.py",
        "source": source,
    }


QUESTIONS = (Question("examples", examples),)
