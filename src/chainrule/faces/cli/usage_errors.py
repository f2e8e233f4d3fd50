"""What is wrong with the options of a command, as a sentence that can be said in any language."""

from collections.abc import Collection, Sequence
from typing import Any

from chainrule.records.message import Message, as_message

from .languages import typed_value
from .learners_command import expected_numbers


def usage_sentence(error: Exception, arguments: Sequence[str]) -> Message:
    """The sentence for an error that Typer found, with the command whose help says more.

    Typer's errors tell what they are about as attributes; its own English sentence is kept where
    they do not.

    Args:
        error: Typer's.
        arguments: The command line.
    """
    context = getattr(error, "ctx", None)
    path = f"chainrule {arguments[0]}" if context is None else context.command_path
    return Message(
        "{sentence} Try: {command} --help", sentence=_reason(error, arguments), command=path
    )


def _reason(error: Any, arguments: Sequence[str]) -> Message:
    parameter = getattr(error, "param", None)
    if hasattr(error, "possibilities"):
        return _no_such_option(error.option_name, error.possibilities or ())
    if hasattr(error, "option_name"):
        return _badly_used(error.option_name, arguments)
    said = getattr(error, "format_message", lambda: str(error))().strip()
    english = as_message(f"{said.rstrip('.')}.")
    if parameter is None:
        return english
    name = str(parameter.get_error_hint(error.ctx))
    if not error.message:
        if parameter.param_type_name == "argument":
            return Message("Missing argument {name}.", name=name)
        return Message("Missing option {name}.", name=name)
    expected = _expected(parameter.type)
    if expected is None:
        return english
    return Message(
        "Expected for {name} {expected}, found {found!r}.",
        name=name,
        expected=expected,
        found=typed_value(arguments, parameter.opts) or "",
    )


def _badly_used(name: str, arguments: Sequence[str]) -> Message:
    if any(each.startswith(f"{name}=") for each in arguments):
        return Message("Option {name!r} takes no value.", name=name)
    return Message("Option {name!r} requires an argument.", name=name)


def _no_such_option(name: str, near: Collection[str]) -> Message:
    if not near:
        return Message("No such option: {name}.", name=name)
    listed = ", ".join(sorted(near))
    return Message("No such option: {name} (possible options: {near}).", name=name, near=listed)


def _expected(kind: Any) -> Message | None:
    """What a type of values takes; None of one that takes any text."""
    limits = expected_numbers(kind)
    if limits:
        return Message("a whole number x with {limits}", limits=limits)
    choices = getattr(kind, "choices", ())
    if choices:
        listed = ", ".join(str(getattr(each, "value", each)) for each in choices)
        return Message("one of {choices}", choices=listed)
    return None
