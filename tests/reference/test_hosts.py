"""
Only requests for the service's own names are answered: a foreign page may not use a browser here.
"""

import httpx
import pytest

from smoke.reference.web.hosts import is_own_host

from .process import ServiceProcess, fetch, served


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1", "127.8.0.1", "[::1]"])
def test_loopback_names_are_answered(service: ServiceProcess, host: str) -> None:
    assert fetch("GET", f"{service.url}/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "attacker.example",
        "localhost.attacker.example",
        "127.0.0.1.attacker.example",
        "10.0.0.1",
        "",
    ],
)
def test_foreign_names_are_refused_with_a_reason(service: ServiceProcess, host: str) -> None:
    answer = fetch("GET", f"{service.url}/health", headers={"Host": host})
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("text/plain")
    assert "--allow-host" in answer.text


def test_refused_request_changes_nothing(service: ServiceProcess, anonymous: httpx.Client) -> None:
    body = {"name": "A", "email": "a@example.com", "message": "Hello there."}
    counted = 'http_requests_total{method="POST",route="/api/v1/contact"'
    before = anonymous.get("/metrics").text.count(counted)
    headers = {"Host": "attacker.example"}
    answer = fetch("POST", f"{service.url}/api/v1/contact", json=body, headers=headers)
    assert answer.status_code == 400
    assert anonymous.get("/metrics").text.count(counted) == before


def test_names_of_the_flag_are_answered() -> None:
    with served("--allow-host", "api.test", "--allow-host", "other.test") as process:
        for host, status in (("api.test:80", 200), ("other.test", 200), ("third.test", 400)):
            answer = fetch("GET", f"{process.url}/health", headers={"Host": host})
            assert answer.status_code == status


@pytest.mark.parametrize(
    ("bound", "host", "expected"),
    [
        ("10.0.0.7", "10.0.0.7:8000", True),
        ("10.0.0.7", "10.0.0.8:8000", False),
        ("fe80::1", "[fe80::1]:8000", True),
        # A name that was rebound is a name; an address in `Host` cannot have been.
        ("0.0.0.0", "192.168.1.5:8000", True),  # noqa: S104  # nothing is bound here
        ("::", "[2001:db8::5]:8000", True),
        ("0.0.0.0", "attacker.example", False),  # noqa: S104  # nothing is bound here
        ("127.0.0.1", "[::1", False),
        ("127.0.0.1", "localhost:8000:9", False),
    ],
)
def test_bound_address_is_its_own_host(bound: str, host: str, expected: bool) -> None:
    assert is_own_host(bound, names=())(host) is expected
