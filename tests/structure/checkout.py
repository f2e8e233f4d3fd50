"""Where the files of the checkout are."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "chainrule"
DOCS = ROOT / "docs"
EXAMPLES = ROOT / "examples"

PROSE = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *DOCS.rglob("*.md")]


def sources() -> list[Path]:
    """Every Python file of the package."""
    return sorted(SOURCE.rglob("*.py"))


def module_of(path: Path) -> str:
    """`src/chainrule/store/codec.py` → `chainrule.store.codec`."""
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def prose() -> str:
    """All documentation as one text."""
    return "\n".join(path.read_text("utf-8") for path in PROSE)
