"""Writes the committed screens again."""

from tests.report.screens import HERE, screens

if __name__ == "__main__":
    for name, text in screens():
        (HERE / name).write_text(text, encoding="utf-8")
