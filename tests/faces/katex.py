"""What KaTeX says of LaTeX, in its strict mode, where it is installed with the page's sources."""

import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

KATEX = Path(__file__).parents[2] / "ui" / "node_modules" / "katex"

RENDER = (
    "const katex = require(process.argv[1]);"
    "let text = ''; process.stdin.on('data', d => text += d).on('end', () => {"
    "const wrong = []; for (const each of JSON.parse(text)) {"
    "try { katex.renderToString(each, {displayMode: true, throwOnError: true, strict: 'error'}) }"
    "catch (error) { wrong.push(String(error)) } }"
    "console.log(JSON.stringify(wrong)) })"
)

with_katex = pytest.mark.skipif(
    not KATEX.is_dir() or shutil.which("node") is None, reason="KaTeX is not installed"
)
"""For tests that ask it."""


def mathematics_in(text: str) -> list[str]:
    """All mathematics of a text in Markdown or LaTeX, inline and displayed, without code."""
    text = re.sub(r"\\begin\{verbatim\}.*?\\end\{verbatim\}|```.*?```", "", text, flags=re.DOTALL)
    displayed = r"\$\$(.*?)\$\$|(\\begin\{align\*\}.*?\\end\{align\*\})"
    found = [a or b for a, b in re.findall(displayed, text, re.DOTALL)]
    rest = re.sub(displayed, "", text, flags=re.DOTALL)
    return found + re.findall(r"\$([^$]+)\$", rest)


def refused_by_katex(texts: Sequence[str]) -> list[str]:
    """What it says of those that it does not take."""
    run = subprocess.run(
        ["node", "-e", RENDER, str(KATEX)],
        input=json.dumps(list(texts)),
        capture_output=True,
        text=True,
        check=True,
    )
    said: list[str] = json.loads(run.stdout)
    return said
