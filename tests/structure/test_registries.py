"""A folder of things of one kind lists them all, and each is made as the others are."""

import ast
import importlib
import inspect
import itertools
from pathlib import Path
from types import ModuleType

import pytest
from checkout import EXAMPLES, SOURCE

from chainrule.diagnosis.case import Case
from chainrule.diagnosis.faults import FAULTS
from chainrule.faces.cli import COMMANDS
from chainrule.faces.fault_page import fault_page
from chainrule.records import Finding

HEADINGS = (
    "What it is",
    "Why it happens",
    "How it is found",
    "Example that has it",
    "Example that has not",
    "Remedies",
    "Known limits",
    "References",
)
"""What a reader can count on finding in the page of every fault, in this order."""

SUPPORT = {
    "derivations",
    "failure",
    "fault_pages",
    "figures",
    "formats",
    "formulas",
    "languages",
    "learners_command",
    "matrix_reports",
    "notation_option",
    "of_run",
    "page_options",
    "points",
    "run_files",
    "settings",
    "shapes",
    "signs",
    "usage_errors",
    "written_out",
}
"""Files in `faces/cli` that are no commands."""

FAULT_IDS = [fault.__name__.rpartition(".")[2] for fault in FAULTS]


def files_in(folder: Path) -> set[str]:
    """Modules of a folder, without its `__init__`."""
    return {path.stem for path in folder.glob("*.py")} - {"__init__"}


def names_of(registry: tuple[ModuleType, ...]) -> list[str]:
    """File names of registered modules."""
    return [module.__name__.rpartition(".")[2] for module in registry]


def test_every_fault_is_registered_once() -> None:
    assert sorted(names_of(FAULTS)) == sorted(files_in(SOURCE / "diagnosis" / "faults"))


def test_every_command_is_registered_once() -> None:
    files = files_in(SOURCE / "faces" / "cli")
    assert files >= SUPPORT
    assert sorted(names_of(COMMANDS)) == sorted(files - SUPPORT)
    made = {name for name in SUPPORT if hasattr(command_file(name), "command")}
    assert not made, f"{made} define a command and are not registered"


def command_file(name: str) -> ModuleType:
    """A module of `faces/cli`."""
    return importlib.import_module(f"chainrule.faces.cli.{name}")


@pytest.mark.parametrize("command", COMMANDS, ids=names_of(COMMANDS))
def test_a_command_has_its_help(command: ModuleType) -> None:
    assert inspect.getdoc(command.command)


@pytest.mark.parametrize("fault", FAULTS, ids=FAULT_IDS)
class TestFault:
    def test_its_name_is_its_files(self, fault: ModuleType) -> None:
        assert fault.NAME.replace("-", "_") == fault.__name__.rpartition(".")[2]
        assert "_" not in fault.NAME
        assert fault.NAME.lower() == fault.NAME

    def test_its_summary_is_a_sentence(self, fault: ModuleType) -> None:
        assert fault.SUMMARY.endswith(".")
        assert "\n" not in fault.SUMMARY

    def test_its_page_has_every_section_with_something_in_it(self, fault: ModuleType) -> None:
        sections = fault_page(fault).sections
        assert tuple(heading for heading, _ in sections) == HEADINGS
        assert not [heading for heading, text in sections if not text.strip()]

    def test_its_check_reads_a_case_and_gives_findings(self, fault: ModuleType) -> None:
        signature = inspect.signature(fault.check, eval_str=True)
        assert [p.annotation for p in signature.parameters.values()] == [Case]
        assert signature.return_annotation == list[Finding]

    def test_its_thresholds_have_reasons(self, fault: ModuleType) -> None:
        bare = thresholds_without_reason(ast.parse(inspect.getsource(fault)))
        assert not bare, f"{fault.NAME}: say below {bare} why this number and not another"

    def test_the_examples_it_cites_are_there(self, fault: ModuleType) -> None:
        cited = {
            word.strip("`.,:;()")
            for word in (fault.__doc__ or "").split()
            if word.startswith("`examples/") and "*" not in word
        }
        missing = [path for path in cited if not (EXAMPLES.parent / path).is_file()]
        assert not missing, f"{fault.NAME} cites examples that are not there: {missing}"


def thresholds_without_reason(tree: ast.Module) -> list[str]:
    """Public constants that are numbers, with no docstring after them."""
    bare = []
    for node, after in itertools.zip_longest(tree.body, tree.body[1:]):
        if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
            continue
        name = node.targets[0].id
        if not name.isupper() or name.startswith("_") or not is_number(node.value):
            continue
        reason = after.value.value if is_text(after) else ""
        if len(reason.split()) < 4:
            bare.append(name)
    return bare


def is_number(node: ast.expr) -> bool:
    """True for `3`, `-1e-3`, `2**30`, `1 / 20`."""
    if isinstance(node, ast.UnaryOp):
        return is_number(node.operand)
    if isinstance(node, ast.BinOp):
        return is_number(node.left) and is_number(node.right)
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def is_text(node: ast.stmt | None) -> bool:
    """True for a string that stands alone."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def test_a_threshold_without_a_reason_is_noticed() -> None:
    source = 'A = 1\n"""Because a is the first letter."""\nB = -2.0\nC = 1 / 3\n"""No."""\n'
    assert thresholds_without_reason(ast.parse(source)) == ["B", "C"]


def test_some_fault_has_thresholds() -> None:
    vanishing = next(fault for fault in FAULTS if fault.NAME == "vanishing-gradient")
    tree = ast.parse(inspect.getsource(vanishing))
    numbers = [n for n in tree.body if isinstance(n, ast.Assign) and is_number(n.value)]
    assert len(numbers) >= 5
