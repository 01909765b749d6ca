"""`report.html`: one file that needs nothing else, for people."""

from smoke.report.html.page import html

__all__ = ["html"]
