"""The frame of a page that loads nothing: its style and its script are in it."""

from base64 import b64encode
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path


@cache
def asset(path: Path) -> str:
    """The text of a style or a script."""
    return path.read_text(encoding="utf-8")


def head(title: str, folder: Path) -> str:
    """The title and `page.css` of a folder; only its `page.js` may run (CSP Level 3)."""
    style, script = asset(folder / "page.css"), asset(folder / "page.js")
    policy = (
        "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; "
        f"style-src '{_hash(style)}'; script-src '{_hash(script)}'"
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{escape(title)}</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
"""


def foot(folder: Path) -> str:
    """The script, and the end of the page."""
    return f"<script>{asset(folder / 'page.js')}</script>\n</body>\n</html>\n"


def _hash(text: str) -> str:
    return "sha256-" + b64encode(sha256(text.encode()).digest()).decode()
