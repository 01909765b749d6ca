"""The version of the installed distribution."""

from importlib.metadata import PackageNotFoundError, version

DISTRIBUTION = "smoke-http"


def own_version() -> str:
    """The version of the installed distribution, or a note for a checkout without one."""
    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        return "(a checkout that is not installed)"
