"""A sentence for the user that knows how it was made, so that another language can make it anew."""

from collections.abc import Callable, Sequence

Translate = Callable[[str], str]
"""From an English text or template to that of another language."""


class Message(str):
    """A sentence with named fields, in English; `told` says it in another language.

    It is a text like any other: shown, compared and written to JSON as it is. What joins it to
    another text makes a plain text of it, which nobody can translate: put it into a field instead.

    Args:
        template: With `{name}` for each field, as `str.format` takes it.
        fields: Of the template. Fields that are messages are translated too, others stay: a
            formula is one in every language.

    Attributes:
        template: As given.
        fields: As given, by name.

    Example:
        >>> Message("The slope at {point} is {slope:g}.", point="x = 2", slope=4.0)
        'The slope at x = 2 is 4.'
    """

    template: str
    fields: dict[str, object]

    def __new__(cls, template: str, /, **fields: object) -> "Message":
        """Fill in the English template."""
        made = super().__new__(cls, template.format(**fields))
        made.template = template
        made.fields = fields
        return made

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, object]]:
        """For copies and for other processes."""
        return (self.template,), self.fields


def told(text: str, translate: Translate) -> str:
    """A text in another language: a message field by field, any other text as a whole.

    Args:
        text: Plain, or a `Message`.
        translate: Of texts and templates; what it does not know it gives back.
    """
    return str(retold(text, translate))


def retold(text: str, translate: Translate) -> Message:
    """The same as a message, whose template is that of the other language.

    Args:
        text: Plain, or a `Message`.
        translate: Of texts and templates.
    """
    if not isinstance(text, Message) or not text.fields:
        return as_message(translate(str(text)))
    fields = {
        name: retold(value, translate) if isinstance(value, Message) else value
        for name, value in text.fields.items()
    }
    return Message(translate(text.template), **fields)


def joined(parts: Sequence[str], separator: str = " ") -> Message:
    """Sentences one after another, each of which stays translatable.

    Example:
        >>> joined(["Right.", "And now?"])
        'Right. And now?'
    """
    names = [f"part{i}" for i in range(len(parts))]
    fields = {name: as_message(part) for name, part in zip(names, parts, strict=True)}
    return Message(separator.join(f"{{{name}}}" for name in names), **fields)


def listed(parts: Sequence[str]) -> str:
    """Names or formulas in a sentence: `x`, `x and y`, `x, y and z`."""
    if len(parts) == 1:
        return parts[0]
    first = joined(parts[:-1], ", ") if any(isinstance(each, Message) for each in parts) else None
    return Message("{first} and {last}", first=first or ", ".join(parts[:-1]), last=parts[-1])


def as_message(text: str) -> Message:
    """A text without fields as a message, so that it is translated within another one."""
    if isinstance(text, Message):
        return text
    # a text is taken as it is: its braces are none of a template
    return Message(text.replace("{", "{{").replace("}", "}}"))
