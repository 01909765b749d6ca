"""Whether bytes can be sent to the URLs of object storage."""

import re
from collections.abc import Mapping
from typing import Any

from smoke import Answer

# An absolute URL of another scheme, such as `memory://…` of a deployment that stores nothing.
SYMBOLIC = re.compile(r"(?!https?:)[a-z][a-z0-9+.-]*://", re.IGNORECASE)


def takes_bytes(answer: Answer, pointer: str, options: Mapping[str, Any]) -> bool:
    """Return whether the URL at a pointer takes bytes, which a target may require or exclude."""
    wanted = options["object_bytes"]
    if wanted in (False, "none"):
        return False
    url = str(answer.value(pointer))
    if wanted == "any" and SYMBOLIC.match(url):
        return False
    answer.that(
        "an http URL (does this deployment have none? Set options.object_bytes)",
        url.startswith(("http://", "https://")),
        url.partition(":")[0],
    )
    return True
