"""Which version of the distribution runs."""

from importlib.metadata import PackageNotFoundError, version

DISTRIBUTION = "smoke-http"


def own_version() -> str:
    """The version of the installed distribution; a checkout that is not installed has none."""
    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        return "(a checkout that is not installed)"
