"""Suggestions: the links of a contract as rules, for a person to review."""

import json

from smoke.contract import Contract
from smoke.plan.build.links import Link, links_of
from smoke.plan.model import Plan


def suggest(contract: Contract, plan: Plan | None = None) -> str:
    """Rules as TOML, each with its origin, without those that a plan already covers."""
    firsts = (rows[0] for rows in links_of(contract).values())
    found = (link for link in firsts if link.location in ("path", "query"))
    return "\n".join(_rule(link) for link in found if not _is_planned(link, plan))


def _rule(link: Link) -> str:
    places = {"sent": link.sent, "header": link.header, "pointer": link.pointer}
    # An empty pointer is the whole answer.
    key = next((key for key, place in places.items() if place), "pointer")
    plain = link.parameter.replace("_", "").replace("-", "")
    name = link.parameter if plain.isalnum() and plain.isascii() else json.dumps(link.parameter)
    value = f"{{ from = {json.dumps(link.source)}, {key} = {json.dumps(places[key])} }}"
    return (
        f"# link {link.name!r} of {link.source}\n[[rule]]\n"
        f"operation = {json.dumps(link.operation)}\n{link.location} = {{ {name} = {value} }}\n"
    )


def _is_planned(link: Link, plan: Plan | None) -> bool:
    entry = plan.by_name.get(link.operation) if plan is not None else None
    if entry is None:
        return False
    value = getattr(entry, link.location).get(link.parameter)
    return isinstance(value, dict) and value.get("$from") == link.source
