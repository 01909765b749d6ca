"""Secrets from mounted files: `SMOKE_USER_PASSWORD_FILE=/run/secrets/{target}` and its like."""

from collections.abc import Mapping
from pathlib import Path

from smoke.documents import UnreadableError, read_text
from smoke.errors import ConfigError

OURS, SUFFIX = "SMOKE_", "_FILE"


def with_files(environ: Mapping[str, str], target: str) -> dict[str, str]:
    """
    The environment with each `SMOKE_<NAME>_FILE` replaced by `SMOKE_<NAME>`, the file's content.

    `{target}` in the path is the name of the target. White space at the end of the file is removed:
    editors and secret stores add a line break.

    Raises:
        ConfigError: a file cannot be read, or a variable is set both ways.
    """
    found, mistakes = dict(environ), []
    for variable in [name for name in environ if name.startswith(OURS) and name.endswith(SUFFIX)]:
        name = variable.removesuffix(SUFFIX)
        path = Path(found.pop(variable).replace("{target}", target))
        if environ.get(name):
            mistakes.append(f"Both {name} and {variable} are set. Keep one of them.")
            continue
        try:
            found[name] = read_text(path).rstrip()
        except UnreadableError as error:
            mistakes.append(f"{variable} names {path}, which cannot be read: {error.reason}.")
    if mistakes:
        raise ConfigError(mistakes)
    return found
