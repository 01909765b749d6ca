"""Matrices of CI services: a job for each shard, and one that merges the records."""

import json
import math

from smoke.fleet.engines.kubernetes import Cluster
from smoke.fleet.engines.templates import dumped, filled
from smoke.fleet.expectation import Fleet

# Jobs of a matrix (GitHub's documentation, "Usage limits").
GITHUB_MOST = 256

# Jobs of `parallel:matrix` (GitLab's documentation, "CI/CD YAML syntax").
GITLAB_MOST = 200

# Seconds of a job beside its units: checkout, installation, artifacts.
SLACK_S = 600


def github(fleet: Fleet, _: Cluster) -> str:
    """The matrix as one line of JSON, for an output of a job."""
    rows = [
        {"shard": number, "name": _name(fleet, number), "minutes": _minutes(fleet, number)}
        for number in range(fleet.shards)
    ]
    return json.dumps({"include": rows}, separators=(",", ":"))


def gitlab(fleet: Fleet, cluster: Cluster) -> str:
    """A child pipeline; it contains the list, so it needs no file of its parent."""
    written = f"cat > fleet.json <<'FLEET'\n{fleet.text()}FLEET"
    (pipeline,) = filled(
        "gitlab",
        shards=[str(number) for number in range(fleet.shards)],
        timeout=f"{max(_minutes(fleet, number) for number in range(fleet.shards))}m",
        begin=[cluster.setup, written] if cluster.setup else [written],
    )
    default = {"default": {"image": cluster.image}} if cluster.image else {}
    return dumped(default | pipeline)


def _name(fleet: Fleet, number: int) -> str:
    """The name of a job: its target, or its first target and the number of the others."""
    targets = fleet.shard(number)
    more = f" and {len(targets) - 1} more" if len(targets) > 1 else ""
    return f"{targets[0].name}{more}"


def _minutes(fleet: Fleet, number: int) -> int:
    return math.ceil((fleet.shard_s(number) + SLACK_S) / 60)
