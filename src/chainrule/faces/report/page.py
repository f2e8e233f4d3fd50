"""The HTML file of a report: nothing is fetched, and no other script than the views can run."""

import base64
import gzip
import hashlib
import html
import json
import re
from typing import TYPE_CHECKING

from chainrule import __version__
from chainrule.faces.built_views import files, script

if TYPE_CHECKING:
    from .saved import Report

ORDINARY_BYTES = 2 * 1024 * 1024
"""What a report of an ordinary run stays below; a larger one is said to be large. Mail servers and
trackers of issues take it without complaint."""

_FONTS = re.compile(r"fonts/KaTeX_(Main-|Math-Italic|Size|AMS)")
"""What the formulas of our views are set in; no script letters, no Fraktur."""

_END_OF_SCRIPT = re.compile(r"<(?=/script|!--)", re.IGNORECASE)
_ESCAPED = "\\x3c"
"""For `<` where a browser would see the end of the script: there it stands in a string, a template
or a regular expression, which all know this form."""


def page(report: "Report") -> str:
    """The text of the file.

    Raises:
        NotBuilt: If the views are not built.
    """
    views = _END_OF_SCRIPT.sub(lambda _: _ESCAPED, script(alone=True).replace("\r", ""))
    digest = base64.b64encode(hashlib.sha256(f"\n{views}\n".encode()).digest()).decode()
    policy = "; ".join(
        [
            "default-src 'none'",
            f"script-src 'sha256-{digest}'",
            "font-src data:",
            "img-src data: blob:",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="chainrule {__version__}">
<title>{_escaped(report.title)} · chainrule</title>
</head>
<body>
<main id="chainrule-report"></main>
<noscript>
<p>This page draws with JavaScript, which is switched off in this browser. What was found:</p>
<pre>{_escaped(report.text)}</pre>
</noscript>
<script type="text/plain" id="chainrule-contents">{_contents(report)}</script>
<script type="module">
{views}
</script>
</body>
</html>
"""


def _contents(report: "Report") -> str:
    """Document, answers and fonts: compressed, in letters and digits that are no markup."""
    contents = {
        "document": report.document,
        "answers": report.answers.places,
        "documents": report.answers.documents,
        "fonts": {
            name.removeprefix("fonts/"): "data:font/woff2;base64," + base64.b64encode(font).decode()
            for name, font in files("fonts/").items()
            if _FONTS.match(name)
        },
    }
    text = json.dumps(contents, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    packed = gzip.compress(text.encode("utf-8", "backslashreplace"), 9, mtime=0)
    return base64.b64encode(packed).decode()


def _escaped(text: str) -> str:
    return html.escape(text.encode("utf-8", "backslashreplace").decode())
