"""The fields of view documents as rows of docs/views.md."""

import importlib
import inspect
import re
from typing import Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

MODULES = (
    "run",
    "sparklines",
    "layers",
    "series",
    "slope",
    "chain",
    "factors",
    "modules",
    "scans",
    "compare",
)


def documents() -> dict[str, type]:
    """The TypedDicts of the documents of runs, in the order of their modules."""
    found = {}
    for name in MODULES:
        module = importlib.import_module(f"chainrule.faces.views.{name}")
        for kind in vars(module).values():
            if is_typeddict(kind) and kind.__module__ == module.__name__:
                found[kind.__name__] = kind
    return found


def shape(annotation: object) -> str:
    """A type as TypeScript would write it, documents linked by name."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return " or ".join(f'"{word}"' for word in arguments)
    if origin is list:
        return f"list of {shape(arguments[0])}"
    if origin is dict:
        inner = shape(arguments[1])
        return "object" if inner == "any" else f"object of {inner}"
    if is_typeddict(annotation):
        return f"`{annotation.__name__}`"  # type: ignore[attr-defined]
    names = {float: "number", int: "whole", str: "text", bool: "true or false", type(None): "null"}
    if annotation in names:
        return names[annotation]  # type: ignore[index]
    if set(arguments) == {float, str}:
        return "number"
    if set(arguments) == {float, str, type(None)}:
        return "number or null"
    if origin is Union or arguments:
        if any(get_origin(a) in (list, dict) and a not in names for a in arguments) and (
            str in arguments and bool in arguments
        ):
            return "any"
        return " or ".join(shape(a) for a in arguments)
    return "any"


def rows(kind: type) -> dict[str, str]:
    """The beginning of the row of each field: its name and its type."""
    return {
        name: f"| `{name}` | {shape(annotation)} |"
        for name, annotation in get_type_hints(kind).items()
    }


def meanings(kind: type) -> tuple[str, dict[str, str]]:
    """What the docstring says of the document, and of its fields."""
    text, _, attributes = inspect.cleandoc(kind.__doc__ or "").partition("Attributes:\n")
    found = re.findall(r"^    (\w+): (.+(?:\n        .+)*)", attributes, re.MULTILINE)
    return " ".join(text.split()), {name: " ".join(said.split()) for name, said in found}


if __name__ == "__main__":
    for name, kind in documents().items():
        summary, said = meanings(kind)
        print(f"### `{name}`\n\n{summary}\n\n| field | type | meaning |\n|---|---|---|")
        for field, row in rows(kind).items():
            print(f"{row} {said.get(field, '')} |".replace(" |  |", " | |"))
        print()
