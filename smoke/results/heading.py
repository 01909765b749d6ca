"""The first line of a record: the target, the contract and the settings."""

import platform
import shlex
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from smoke.config.again import run_again
from smoke.config.targets import SECRET

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smoke.config.settings import Settings
    from smoke.config.targets import Target
    from smoke.contract import Contract


def heading(settings: "Settings", contract: "Contract") -> dict[str, Any]:
    """Return the header's fields; `again` is the command that repeats the run."""
    target = settings.target
    return {
        "url": target.base_url,
        "serve": target.serve,
        "smoke": _own_version(),
        "python": platform.python_version(),
        "contract": {
            "name": settings.contract.name,
            "digest": contract.digest,
            "operations": len(contract.operations),
        },
        "gates": [
            {
                "name": gate.name,
                "state": str(gate.state),
                "source": gate.source,
                "shut": gate.shut,
                "flag": gate.flag,
            }
            for gate in settings.gates
        ],
        "depth": target.depth,
        "set": _set(target),
        "trace_url": target.trace_url,
        "again": again(settings),
    }


def again(settings: "Settings") -> str:
    """Return the command that repeats this run for anyone who pastes it; passwords are left out."""
    variables: list[str] = []
    flags: list[str] = []
    for source, value in _overrides(settings):
        if source.startswith("--"):
            flags += [source, shlex.quote(value)]
        else:
            variables.append(f"{source}={shlex.quote(value)}")
    command = run_again(settings.root, settings.session, settings.target.name)
    return " ".join([*variables, command, *flags])


def _overrides(settings: "Settings") -> "Iterator[tuple[str, str]]":
    """The settings from flags and variables: each source with its value."""
    target = settings.target
    for key, source in target.sources.items():
        value = getattr(target, key)
        if source != "file" and key not in SECRET:
            many = value if isinstance(value, tuple) else (value,)
            yield from ((source, str(one)) for one in many)
    for gate in settings.gates:
        if gate.source == "--gate":
            yield gate.source, f"{gate.name}={gate.state}"
        elif gate.source not in ("file", "default"):
            yield gate.source, str(gate.state)


def _own_version() -> str:
    try:
        return version("smoke-http")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return ""


def _set(target: "Target") -> list[dict[str, str]]:
    """The values that come from neither the default nor the file, with their source."""
    return [
        {"key": key, "value": "***" if key in SECRET else str(getattr(target, key)), "source": src}
        for key, src in target.sources.items()
        if src != "file"
    ]
