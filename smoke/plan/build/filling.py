"""
Filling: literal values of a request, from the contract's examples, the samples and schemathesis.
"""

import copy
from typing import Any

from smoke.config.rules import Rules
from smoke.contract import Contract, Media, Parameter
from smoke.contract.media import kind_of_body
from smoke.contract.pointers import escape
from smoke.plan.build.bodies import (
    FILES,
    PLAIN_FILE,
    file_type,
    leaves,
    lookup_value,
    members,
    merge,
    own_examples,
    properties,
    put,
    raw,
    structured,
)
from smoke.plan.build.draft import Draft
from smoke.plan.build.naming import plain
from smoke.plan.build.problems import ungenerated
from smoke.plan.build.standin import GENERIC, Standin
from smoke.plan.build.texts import NAMES_OF_THINGS, OPTIONAL_NAMES, Samples, own_name
from smoke.plan.values import from_rule, mark_of
from smoke.plan.wire import text_of

LOCATIONS = {"path": "path", "query": "query", "header": "headers"}


class Filler:
    """Fills drafts with literal values, and with the values of the rules."""

    def __init__(self, contract: Contract, rules: Rules) -> None:
        self._contract = contract
        self._schemas = contract.schemas
        self._samples = Samples(rules.samples)
        self._standin = Standin(contract, rules)

    def fill(self, draft: Draft) -> None:
        """Give a draft every value that does not come from another answer."""
        for parameter in draft.operation.parameters:
            location = LOCATIONS.get(parameter.location)
            if parameter.required and location is not None:
                draft.values[location][parameter.name] = self._parameter(draft, parameter)
            elif parameter.required:
                self._cookie(draft, parameter)
            elif parameter.location == "query":
                self._sample(draft, parameter)
        if draft.media_type is not None:
            self._body(draft, draft.operation.request_bodies[draft.media_type])
        self._rule(draft)

    def _parameter(self, draft: Draft, parameter: Parameter) -> Any:
        generated = _generated(draft, parameter)
        place = f"{parameter.location}/{parameter.name}"
        for example in parameter.examples:
            if self._fits(parameter.pointer, example):
                draft.sources[place] = "example of the contract"
                return example
        label = f"{draft.name}#{place}"
        for sample, value in self._samples.candidates(parameter.name, label):
            if self._fits(parameter.pointer, self._standin.of(value, generated)):
                draft.sources[place] = f"sample {sample.name}"
                if "*" not in sample.name and parameter.location != "path":
                    # In a path, an id that the run created is better than a sample.
                    draft.fixed.add(place)
                return value
        return generated

    def _sample(self, draft: Draft, parameter: Parameter) -> None:
        """
        Give an optional query parameter the sample of its name, if that refers to an answer.

        Many services show a list of one parent only. A literal sample would filter the list.
        """
        place = f"query/{parameter.name}"
        for sample, value in self._samples.candidates(parameter.name, f"{draft.name}#{place}"):
            stands = (self._standin.of(value, stand) for stand in GENERIC)
            if mark_of(value) == "$from" and any(self._fits(parameter.pointer, s) for s in stands):
                draft.values["query"][parameter.name] = value
                draft.sources[place] = f"sample {sample.name}"
                draft.fixed.add(place)
                return

    def _cookie(self, draft: Draft, parameter: Parameter) -> None:
        value = next(
            (e for e in parameter.examples if self._fits(parameter.pointer, e)),
            draft.example.cookies.get(parameter.name, "0"),
        )
        cookies = draft.values["headers"].get("Cookie", "")
        pair = f"{parameter.name}={text_of(value)}"
        draft.values["headers"]["Cookie"] = f"{cookies}; {pair}" if cookies else pair

    def _fits(self, pointer: str, value: Any) -> bool:
        return not pointer or not self._contract.value_findings(pointer, value)

    def _body(self, draft: Draft, media: Media) -> None:
        literal = copy.deepcopy(draft.example.body)
        exemplary = [e for e in media.examples if self._fits(media.pointer, e)]
        if exemplary and media.schema is not None:
            # Two copies: a link replaces a value of the body only.
            draft.literal, draft.body = copy.deepcopy(exemplary[0]), copy.deepcopy(exemplary[0])
            draft.sources["body"] = "example of the contract"
            self._decided(draft, media)
            self._name(draft, media)
            return
        if not structured(media):
            draft.literal, draft.body = raw(media, literal)
            if kind_of_body(media) == "xml" and draft.rule.body is None:
                draft.problem = ungenerated(draft.operation, "XML is written by hand")
            return
        draft.literal = literal
        draft.body = copy.deepcopy(literal)
        self._improve(draft, media)
        self._name(draft, media)
        self._files(draft, media)

    def _decided(self, draft: Draft, media: Media) -> None:
        """Give an example the samples of the fields that it leaves out."""
        if not isinstance(draft.literal, dict):
            return
        schema = self._schemas.at(media.pointer, "request") if media.pointer else {}
        known = members(schema, self._schemas.view("request"))
        for name in (name for name in known if name not in draft.literal):
            place = f"body/{escape(name)}"
            for sample, value in self._samples.candidates(name, f"{draft.name}#{place}"):
                # A pattern was not written for this field, so it fills only what must be there.
                if "*" not in sample.name and self._takes(draft, media, name, value):
                    draft.body[name] = value
                    draft.sources[place] = f"sample {sample.name}"
                    draft.fixed.add(place)
                    break

    def _name(self, draft: Draft, media: Media) -> None:
        """Name what a request makes, also where the contract does not ask for a name.

        A name tells the things of this run from those of others, and many services want one.
        """
        if draft.creates is None or draft.operation.method != "POST":
            return
        if not isinstance(draft.body, dict) or any(plain(n) in NAMES_OF_THINGS for n in draft.body):
            return
        schema = self._schemas.at(media.pointer, "request") if media.pointer else {}
        known = properties(schema, self._schemas.view("request"))
        for name in (name for name in OPTIONAL_NAMES if name in known):
            for source, value in own_name(name, known[name], f"{draft.name}#body/{name}", ()):
                if self._takes(draft, media, name, value):
                    draft.body[name] = value
                    draft.sources[f"body/{name}"] = source
                    return

    def _takes(self, draft: Draft, media: Media, name: str, value: Any) -> bool:
        """Whether the example is valid with a value in one field; its literal then has it."""
        for stand in GENERIC:
            literal = {**draft.literal, name: self._standin.of(value, stand)}
            if self._fits(media.pointer, literal):
                draft.literal = literal
                return True
        return False

    def _improve(self, draft: Draft, media: Media) -> None:
        """Improve generated values: by examples of the schema, else by samples of that name."""
        for tokens, schema in self._leaves(draft, media):
            place = "body" + "".join(f"/{escape(str(token))}" for token in tokens)
            label = f"{draft.name}#{place}"
            examples = own_examples(schema)
            name = next((t for t in reversed(tokens) if isinstance(t, str)), "")
            offers: list[tuple[str, Any]] = [
                ("example of the contract", value) for value in examples
            ]
            samples = [
                (f"sample {s.name}", value) for s, value in self._samples.candidates(name, label)
            ]
            offers += samples
            # Only a top-level name of a creation names the new resource.
            if draft.operation.method == "POST" and len(tokens) == 1:
                own = list(own_name(name, schema, label, examples))
                # The name of an example is taken after the first run; a sample is a decision.
                offers = own + offers if draft.creates and not samples else offers + own
            for source, value in offers:
                if self._accepts(draft, media, tokens, value):
                    draft.sources[place] = source
                    if source.startswith("sample") and "*" not in source:
                        draft.fixed.add(place)
                    break

    def _leaves(self, draft: Draft, media: Media) -> list[tuple[list[Any], dict[str, Any]]]:
        schema = self._schemas.at(media.pointer, "request") if media.pointer else {}
        return list(leaves(draft.literal, schema, self._schemas.view("request")))

    def _accepts(self, draft: Draft, media: Media, tokens: list[Any], value: Any) -> bool:
        """Put a value into the body if the body is still valid with it."""
        old = lookup_value(draft.literal, tokens)
        stand = self._standin.of(value, old)
        put(draft.literal, tokens, stand)
        if self._fits(media.pointer, draft.literal):
            put(draft.body, tokens, value)
            return True
        put(draft.literal, tokens, old)
        return False

    def _files(self, draft: Draft, media: Media) -> None:
        """Give the file fields of a form a file of the documented type."""
        if not media.type.startswith("multipart/") or not isinstance(draft.body, dict):
            return
        for tokens, schema in self._leaves(draft, media):
            kind = file_type(tokens, schema, media)
            if kind is None:
                continue
            content = FILES.get(kind, PLAIN_FILE | ({"type": kind} if kind else {}))
            file = {"$file": dict(content)}
            if schema.get("format") == "binary":
                put(draft.body, tokens, file)
                put(draft.literal, tokens, "file")
            else:
                # The field may be a file, unless its schema excludes that.
                self._accepts(draft, media, tokens, file)

    def _rule(self, draft: Draft) -> None:
        """Apply the values of the rules, which win over all others."""
        rule = draft.rule
        for location in ("path", "query", "headers"):
            for name, value in getattr(rule, location).items():
                place = f"{location.removesuffix('s')}/{name}"
                _drop_other_case(draft.values[location], name, location)
                draft.values[location][name] = from_rule(value, f"{draft.name}#{place}")
                draft.fixed.add(place)
                draft.sources[place] = "rule"
        if rule.body is not None:
            body = from_rule(rule.body, f"{draft.name}#body")
            draft.body = merge(draft.body, body)
            _fix(draft, body, "body")


def _fix(draft: Draft, body: Any, place: str) -> None:
    if isinstance(body, dict) and not mark_of(body):
        for key, value in body.items():
            _fix(draft, value, f"{place}/{escape(str(key))}")
    else:
        draft.fixed.add(place)
        draft.sources[place] = "rule"


def _generated(draft: Draft, parameter: Parameter) -> Any:
    values = getattr(draft.example, LOCATIONS[parameter.location])
    if parameter.name in values:
        return values[parameter.name]
    folded = {name.lower(): value for name, value in values.items()}
    return folded.get(parameter.name.lower(), "0")


def _drop_other_case(values: dict[str, Any], name: str, location: str) -> None:
    """Header names ignore case (RFC 9110, 5.1): the rule's spelling replaces the contract's."""
    if location == "headers":
        for other in [o for o in values if o.lower() == name.lower()]:
            del values[other]
