"""One message about the verdict, to a chat or a mailbox; a message that fails never fails a run."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from smoke.report.verdict_json import verdict_words, worst_of
from smoke.results.record import Record
from smoke.results.verdict import Word

# Seconds that a run waits for a webhook.
PATIENCE_S = 5

# Characters of the reason in a message: a chat shows a few lines.
REASON_MOST = 500


def notify(
    urls: Sequence[str], records: Sequence[Record], page: Path, environ: Mapping[str, str]
) -> Iterator[str]:
    """
    Send one message to each URL; yield a sentence for each that could not be sent.

    An `http(s)` URL is a webhook that takes `{"text": …}`, as Slack, Teams and Mattermost do. Any
    other is one of the package apprise, such as `mailto://` (https://github.com/caronc/apprise).
    """
    text = message(records, page, environ)
    for url in urls:
        send = _posted if url.startswith(("http://", "https://")) else _by_apprise
        why = send(url, text)
        if why:
            # The rest of the URL is the password of the channel.
            yield f"--notify {urlsplit(url).scheme}://{urlsplit(url).hostname}: not sent: {why}"


def message(records: Sequence[Record], page: Path, environ: Mapping[str, str]) -> str:
    """The verdict, its reason, and where to read more: the CI job, or the report's file."""
    words = verdict_words(records)
    cause = f" ({words['cause']})" if words["cause"] else ""
    first = f"{words['title']}{cause}: {words['targets']}"
    # The remark of a green run, such as dropped connections, is for the report.
    green = worst_of(records).word is Word.GREEN
    reason = "" if green else str(words["reason"])[:REASON_MOST]
    return "\n".join(filter(None, (first, reason, _link(environ) or str(page))))


def _link(environ: Mapping[str, str]) -> str:
    """The page of the CI job: GitLab names it, GitHub names its parts."""
    parts = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")
    if all(environ.get(name) for name in parts):
        server, repository, run = (environ[name] for name in parts)
        return f"{server}/{repository}/actions/runs/{run}"
    return environ.get("CI_JOB_URL", "")


def _posted(url: str, text: str) -> str:
    body = json.dumps({"text": text}).encode()
    request = Request(url, body, {"Content-Type": "application/json"})  # noqa: S310  (http only)
    try:
        with urlopen(request, timeout=PATIENCE_S):  # noqa: S310
            return ""
    except URLError as error:
        return str(error.reason)
    except (OSError, ValueError) as error:
        return str(error) or type(error).__name__


def _by_apprise(url: str, text: str) -> str:
    try:
        import apprise  # type: ignore[import-not-found]  # an extra: most runs send no mail
    except ImportError:
        return "this kind of URL needs the package apprise"
    found = apprise.Apprise()
    if not found.add(url):
        return "apprise does not know this kind of URL"
    return "" if found.notify(body=text) else "apprise could not send it"
