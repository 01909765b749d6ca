"""Rules: the content of a file, and every mistake in it with its line."""

from datetime import date
from pathlib import Path

import pytest

from smoke.config.rules import Call, Excepted, Rules, Sample, load, parse
from smoke.config.rules.lines import line_of, places
from smoke.errors import DataError

OPENAPI = Path(__file__).parents[2] / "openapi"

FILE = """
[ready]
operation = "GET /ready"

[login]
operation = "POST /login"
body = { email = "{email}" }
access = "/token"

[login.end]
operation = "POST /logout"

[login.token]
jwks = "/keys"
algorithms = ["EdDSA"]
leeway_s = 5

[seed]
operation = "POST /seed"
setting = "SEEDING"

[[seed.body.things]]
name = "one"

[[seed.cleanup]]
operation = "DELETE /things/{id}"
actor = "owner"
path = { id = "{world:thing}" }

[world]
place = "/place"

[world.made]
thing = "/things/0/id"

[actors.owner]
email = "owner@example.com"

[actors.other]
tenant_id = "/tenants/1"

[samples]
title = "A title"
"*_url" = { any = ["https://example.com/", ""] }

[[rule]]
operation = ["GET /a", "GET /b"]
expect = [200]
except = { reason = "broken", link = "https://example.com/1", targets = ["staging"] }
stream = { events = 2, time_s = 1.5 }
anonymous = "allowed"
outsider = [404]

[[rule]]
operation = "tag:pets"
as = "another"
body = [1, 2]
destroys = false

[[known]]
operation = "GET /a"
kind = "format"
status = 200
reason = "no offset"
link = "https://example.com/2"
expires = 2026-12-31
intermittent = true

[live]
document = "/contract.json"
"""


def mistakes_of(text: str) -> list[str]:
    with pytest.raises(DataError) as error:
        parse(text, "r.toml")
    return str(error.value).splitlines()


def test_every_section_is_read() -> None:
    rules = parse(FILE, "r.toml")
    assert rules.ready == "GET /ready"
    assert rules.live == "/contract.json"
    assert rules.login.kind == "session"
    assert rules.login.end == Call("POST /logout")
    assert rules.login.renew is None
    assert rules.login.token is not None
    assert rules.login.token.algorithms == ("EdDSA",)
    assert rules.seed is not None
    assert rules.seed.body == {"things": [{"name": "one"}]}
    assert rules.seed.absent == (404,)
    assert rules.seed.cleanup[0].path == {"id": "{world:thing}"}
    assert rules.world == {"place": "/place"}
    assert rules.world_made == {"thing": "/things/0/id"}
    assert list(rules.actors) == ["owner", "other"]
    assert rules.default_actor == "owner"
    assert rules.samples[0] == Sample("title", ("A title",), "r.toml:43")
    assert rules.samples[1].values == ("https://example.com/", "")


def test_rule_is_read_with_its_place() -> None:
    first, second = parse(FILE, "r.toml").rules
    assert first.place == "r.toml:46"
    assert first.operations == ("GET /a", "GET /b")
    assert first.excepted == Excepted("broken", "https://example.com/1", ("staging",))
    assert first.stream == {"events": 2, "time_s": 1.5}
    assert first.anonymous == ()
    assert first.outsider == (404,)
    assert (second.name, second.body, second.destroys, second.rank) == ("another", [1, 2], False, 0)


def test_known_defect_expires_after_its_date() -> None:
    (known,) = parse(FILE, "r.toml").known
    assert known.status == (200,)
    assert known.intermittent
    assert not known.expired(date(2026, 12, 31))
    assert known.expired(date(2027, 1, 1))


def test_empty_file_gives_no_rules() -> None:
    rules = parse("", "r.toml")
    assert rules.login.kind == "none"
    assert rules.seed is None
    assert rules.default_actor == "anonymous"
    assert Rules().rules == ()


def test_all_mistakes_are_reported_together_with_line_and_suggestion() -> None:
    text = """\
[ready]
opration = "GET /x"

[login]
kind = "sesion"

[[rule]]
actr = "x"

[[rule]]
operation = "GET /x"
expect = ["200"]
[rule.stream]
evnts = 3

[world]
x = "abc"
"""
    assert mistakes_of(text) == [
        "r.toml:2: unknown key 'opration'. Did you mean 'operation'? Known: operation.",
        "r.toml:5: login.kind is 'sesion'. Did you mean 'session'? Allowed: session, key, none, "
        "cookie, oauth2, basic, aws.",
        "r.toml:7: 'operation' is missing.",
        "r.toml:8: unknown key 'actr'. Did you mean 'actor'? Known: actor, after, anonymous, as, "
        "body, creates, destroys, ends_session, except, expect, gate, headers, holds, invalid, "
        "media_type, operation, optional, outsider, own, path, query, send, shape, slow_s, "
        "stream, then, undocumented, victim.",
        "r.toml:12: rule.expect is ['200']. Allowed: a list of statuses, such as [403, 404].",
        "r.toml:14: unknown key 'evnts'. Did you mean 'events'? Known: bytes, events, time_s.",
        "r.toml:17: world.x is 'abc'. Allowed: a JSON pointer (RFC 6901), which begins with '/'.",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = \n", "r.toml:1:5: not TOML: Invalid value"),
        ("a = 1\nb = [\n", "r.toml:2:6: not TOML: Invalid value"),
        ("a = 1\na = 2\n", "r.toml:2:6: not TOML: Cannot overwrite a value"),
    ],
)
def test_invalid_toml_is_reported_with_its_line(text: str, message: str) -> None:
    (line,) = mistakes_of(text)
    assert line.startswith(message)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.toml: unreadable: No such file"):
        load(tmp_path / "none.toml")


def test_digest_covers_only_sections_that_shape_requests() -> None:
    base = parse(FILE).digest
    assert parse(FILE.replace("SEEDING", "OTHER")).digest == base
    assert parse(f"# a comment\n{FILE}").digest == base
    assert parse(FILE.replace("A title", "Another")).digest != base
    assert parse(FILE.replace("destroys = false", "destroys = true")).digest != base


def test_lines_are_found_after_texts_that_look_like_tables() -> None:
    text = '''\
a = """
[[rule]]
b = 1
"""
c = [
  # [x]
  "d = 1",
  { e = "]" },
]
[[rule]]
"quoted key".sub = 1
[rule.inner]
f = 'it''s'
[[rule]]
f = 2
'''
    found = places(text)
    assert found["c",] == 5
    assert ("b",) not in found
    assert found["rule", 0] == 10
    assert found["rule", 0, "quoted key", "sub"] == 11
    assert found["rule", 0, "inner", "f"] == 13
    assert found["rule", 1, "f"] == 15
    assert line_of(found, ["rule", 1, "f", 0, "deeper"]) == 15
    assert line_of(found, ["nowhere"]) == 1


def test_committed_rules_name_the_schema_and_can_be_read() -> None:
    text = (OPENAPI / "rules.toml").read_text(encoding="utf-8")
    assert text.startswith("#:schema ../smoke/config/rules.schema.json\n")
    assert load(OPENAPI / "rules.toml").rules
