"""Targets and settings: read once, flag over environment over file, all mistakes together."""

from pathlib import Path
from typing import Any

import pytest

from smoke.config.settings import Flags, Settings, read_settings
from smoke.config.table import read_table
from smoke.config.targets import Target
from smoke.errors import ConfigError, DataError
from tests.http.certificates import authority

ROOT = Path("/somewhere")


def table(**more: Any) -> dict[str, Any]:
    return {
        "target": "local",
        "targets": {
            "local": {"serve": "some.module", "gates": {"*": "on"}},
            "staging": {"base_url": "https://api.example.com", "timeout_s": 5},
        },
        "gates": {"billing": {"covers": ["tag:billing"]}},
        "options": {"version": ""},
        **more,
    }


def read(
    environ: dict[str, str] | None = None, flags: Flags | None = None, **more: Any
) -> Settings:
    return read_settings(table(**more), ROOT, environ or {}, flags or Flags())


def mistakes(
    environ: dict[str, str] | None = None, flags: Flags | None = None, **more: Any
) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        read(environ, flags, **more)
    return caught.value.mistakes


def test_default_target_comes_from_the_table() -> None:
    settings = read()
    assert settings.target.name == "local"
    assert settings.target.serve == "some.module"
    assert settings.contract == ROOT / "openapi/openapi.json"


def test_target_is_chosen_by_flag_then_environment() -> None:
    environ = {"SMOKE_TARGET": "staging"}
    assert read(environ).target.name == "staging"
    assert read(environ, Flags(target="local")).target.name == "local"


def test_environment_overrides_the_file_and_is_named_as_source() -> None:
    environ = {
        "SMOKE_TARGET": "staging",
        "SMOKE_BASE_URL": "http://127.0.0.1:1234",
        "SMOKE_HTTP_TIMEOUT": "2.5",
        "SMOKE_TENANT_SLUG": "acme",
        "SMOKE_USER_EMAIL": "me@example.com",
        "SMOKE_USER_PASSWORD": "not-shown-anywhere",
    }
    target = read(environ).target
    assert (target.base_url, target.timeout_s) == ("http://127.0.0.1:1234", 2.5)
    assert (target.tenant_slug, target.user_email) == ("acme", "me@example.com")
    assert target.sources["timeout_s"] == "SMOKE_HTTP_TIMEOUT"
    assert "not-shown-anywhere" not in repr(target)


def test_depth_is_full_unless_row_environment_or_flag_sets_quick() -> None:
    assert read().target.depth == "full"
    assert (
        read(targets={"local": {"serve": "some.module", "depth": "quick"}}).target.depth == "quick"
    )
    environ = {"SMOKE_DEPTH": "quick"}
    assert read(environ).target.depth == "quick"
    assert read(environ, Flags(depth="full")).target.depth == "full"
    assert mistakes({"SMOKE_DEPTH": "quik"}) == ("SMOKE_DEPTH is 'quik'. Allowed: quick, full.",)


def test_flag_overrides_the_environment() -> None:
    flags = Flags(target="staging", base_url="http://[::1]:8")
    target = read({"SMOKE_BASE_URL": "http://127.0.0.1:9"}, flags).target
    assert (target.base_url, target.sources["base_url"]) == ("http://[::1]:8", "--base-url")


def test_a_url_given_by_name_is_the_service() -> None:
    assert read({"SMOKE_BASE_URL": "http://127.0.0.1:9"}).target.serve == ""


def test_options_have_defaults_and_no_unknown_names() -> None:
    row = {"base_url": "http://x", "options": {"version": "2"}}
    assert read(targets={"local": row}).options == {"version": "2"}
    bad = {"base_url": "http://x", "options": {"versoin": "2"}}
    assert mistakes(targets={"local": bad}) == (
        "pyproject.toml: [tool.smoke.targets.local] options.versoin is unknown. "
        "Did you mean 'version'? Options: version.",
    )


def test_variable_sets_an_option_of_the_type_of_its_default() -> None:
    options: dict[str, Any] = {"metrics": "any", "docs": False, "lockout_after": 5}
    environ = {
        "SMOKE_OPTION_METRICS": "required",
        "SMOKE_OPTION_DOCS": "true",
        "SMOKE_OPTION_LOCKOUT_AFTER": "0",
    }
    assert read(environ, options=options).options == {
        "metrics": "required", "docs": True, "lockout_after": 0,
    }  # fmt: skip


def test_expected_version_is_an_option_that_the_project_must_have() -> None:
    flags = Flags(version="2.1")
    assert read({"SMOKE_OPTION_VERSION": "2.0"}, flags).options == {"version": "2.1"}
    (mistake,) = mistakes(flags=flags, options={})
    assert mistake.startswith("--expect-version needs the option 'version'")


def test_variable_of_no_option_and_a_wrong_value_are_reported() -> None:
    environ = {"SMOKE_OPTION_METRIX": "required", "SMOKE_OPTION_DOCS": "maybe"}
    assert mistakes(environ, options={"metrics": "any", "docs": False}) == (
        "SMOKE_OPTION_METRIX sets no option. Did you mean 'SMOKE_OPTION_METRICS'? "
        "Allowed: SMOKE_OPTION_METRICS, SMOKE_OPTION_DOCS.",
        "SMOKE_OPTION_DOCS is 'maybe'. Allowed: true or false.",
    )


def test_all_mistakes_are_reported_together() -> None:
    row = {"base_url": "ftp://x", "timeout": 3, "timeout_s": "3", "user_password": "p"}
    found = mistakes(
        {"SMOKE_ENABLE_BILING": "1", "SMOKE_HTTP_TIMOUT": "3"}, targets={"local": row}, tagets={}
    )
    message = "\n".join(found)
    for part in (
        "[tool.smoke] unknown key 'tagets'. Did you mean 'targets'? Known: checks, contract, ",
        "SMOKE_HTTP_TIMOUT is not a variable of this suite. Did you mean 'SMOKE_HTTP_TIMEOUT'?",
        "[tool.smoke.targets.local] unknown key 'timeout'. Did you mean 'timeout_s'?",
        "[tool.smoke.targets.local] timeout_s is '3'. Allowed: seconds, a number above 0.",
        "user_password is a secret and is read from SMOKE_USER_PASSWORD only.",
        "Target 'local' has base_url 'ftp://x'. Allowed: an http or https URL",
        "Did you mean 'billing'?",
    ):
        assert part in message
    assert len(found) == 7


@pytest.mark.parametrize("seconds", ["0", "-1", "soon", "inf", "nan"])
def test_timeout_must_be_seconds(seconds: str) -> None:
    assert mistakes({"SMOKE_HTTP_TIMEOUT": seconds}) == (
        f"SMOKE_HTTP_TIMEOUT is {seconds!r}. Allowed: seconds above 0, such as 10.",
    )


def test_unknown_target_names_the_nearest() -> None:
    (message,) = mistakes(flags=Flags(target="stagin"))
    assert message.startswith("There is no target 'stagin'. Targets: local, staging.")
    assert message.endswith("Did you mean 'staging'?")


def test_target_without_address_is_reported() -> None:
    (message,) = mistakes(targets={"local": {}})
    assert message == "Target 'local' has no base_url. Set SMOKE_BASE_URL, or base_url in its row."


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://[::1]/x", True),
        ("http://localhost", True),
        ("http://api.localhost:1", True),
        ("https://api.example.com", False),
        ("http://10.0.0.1", False),
        ("http://127.0.0.1.example.com", False),
    ],
)
def test_loopback_is_this_machine_only(url: str, loopback: bool) -> None:
    assert Target(name="t", base_url=url).loopback is loopback


def test_table_is_read_from_pyproject(tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    with pytest.raises(DataError, match="cannot be read: No such file"):
        read_table(file)
    file.write_text("[tool.smoke\n")
    with pytest.raises(DataError, match=r":1:12: not TOML: "):
        read_table(file)
    file.write_text("[tool.other]\n")
    with pytest.raises(DataError, match=r"has no \[tool.smoke\] table"):
        read_table(file)
    file.write_text("[tool.smoke]\ntarget = 'x'\n")
    assert read_table(file) == {"target": "x"}


@pytest.mark.parametrize("text", ["[tool]\nsmoke = 5\n", "tool = 5\n", ""])
def test_file_without_the_table_is_reported(text: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(DataError, match=r"pyproject\.toml: has no \[tool\.smoke\] table"):
        read_table(tmp_path / "pyproject.toml")


@pytest.mark.parametrize(
    ("key", "value", "allowed"),
    [
        ("contract", 5, "a text"),
        ("target", ["local"], "a text"),
        ("gates", "all", "a table"),
        ("targets", [], "a table"),
        ("options", 5, "a table"),
        ("first", "health", "a list of texts"),
        ("first", ["health", 5], "a list of texts"),
    ],
)
def test_value_of_wrong_type_is_reported(key: str, value: Any, allowed: str) -> None:
    said = f"pyproject.toml: [tool.smoke] {key} is {value!r}. Allowed: {allowed}."
    assert said in mistakes(**{key: value})


@pytest.mark.parametrize(
    "url", ["http://[", "http://[::1", "http://a:b", "http://a:99999", "http://", "ftp://a", "a"]
)
def test_invalid_address_is_reported(url: str) -> None:
    (message,) = mistakes({"SMOKE_TARGET": "staging", "SMOKE_BASE_URL": url})
    assert message.startswith(
        f"Target 'staging' has base_url {url!r}. Allowed: an http or https URL"
    )


@pytest.mark.parametrize("key", ["tags", "actors"])
def test_list_of_a_target_contains_texts(key: str) -> None:
    row = {"base_url": "http://x", key: ["a", 5]}
    place = f"pyproject.toml: [tool.smoke.targets.local] {key}"
    assert mistakes(targets={"local": row}) == (f"{place} is ['a', 5]. Allowed: a list of texts.",)


def test_drift_of_a_target_is_one_of_three_words() -> None:
    row = {"base_url": "https://api.example.com", "drift": "loud"}
    message = mistakes(flags=Flags(target="odd"), targets={"odd": row})
    assert message == (
        "pyproject.toml: [tool.smoke.targets.odd] drift is 'loud'. Allowed: off, warn, red.",
    )
    assert read().target.drift == "warn"


@pytest.mark.parametrize("rate", [-1, float("nan")])
def test_rate_is_requests_per_second(rate: float) -> None:
    row = {"base_url": "https://api.example.com", "max_rate": rate}
    assert mistakes(flags=Flags(target="odd"), targets={"odd": row}) == (
        f"pyproject.toml: [tool.smoke.targets.odd] max_rate is {rate!r}. "
        "Allowed: requests per second, 0 for no limit.",
    )
    assert read().target.max_rate == 0


@pytest.mark.parametrize("place", ["https://me:secret@api.example.com", "https://me@x"])
def test_base_url_contains_no_credentials(place: str) -> None:
    message = mistakes(flags=Flags(target="odd"), targets={"odd": {"base_url": place}})
    assert message == (
        "Target 'odd' has credentials in its base_url, where every output would show them. "
        "Take them out.",
    )


def test_file_of_certificates_is_found_from_the_project(tmp_path: Path) -> None:
    row = {"base_url": "https://api.example.com", "verify": authority(tmp_path).file.name}
    settings = read_settings(table(targets={"local": row}), tmp_path, {}, Flags())
    assert settings.target.verify == str(tmp_path / "authority.pem")
    message = mistakes(targets={"local": row})
    assert message == (
        "pyproject.toml: [tool.smoke.targets.local] verify = 'authority.pem': "
        "/somewhere/authority.pem cannot be trusted: No such file or directory. "
        "Allowed: true, false, or a PEM file.",
    )
