"""
Arazzo (OpenAPI Initiative, 1.0.1 and 1.1): the plan's chains as workflows, and workflows as rules.

It is a subset. Both directions say what they leave out.
"""

from smoke.plan.arazzo.reading import rules_of
from smoke.plan.arazzo.writing import written

__all__ = ["rules_of", "written"]
