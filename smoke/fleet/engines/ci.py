"""Matrices of CI services: a job for each shard, and one that merges the records."""

import json
import math
from typing import TYPE_CHECKING, Any

import yaml

from smoke.fleet.expectation import Fleet

if TYPE_CHECKING:
    from smoke.fleet.engines.kubernetes import Cluster

# Jobs of a matrix (GitHub's documentation, "Usage limits").
GITHUB_MOST = 256

# Jobs of `parallel:matrix` (GitLab's documentation, "CI/CD YAML syntax").
GITLAB_MOST = 200

# Seconds of a job beside its units: checkout, installation, artifacts.
SLACK_S = 600


def github(fleet: Fleet, _: "Cluster") -> str:
    """The matrix as one line of JSON, for an output of a job."""
    rows = [
        {"shard": number, "name": _name(fleet, number), "minutes": _minutes(fleet, number)}
        for number in range(fleet.shards)
    ]
    return json.dumps({"include": rows}, separators=(",", ":"))


def gitlab(fleet: Fleet, cluster: "Cluster") -> str:
    """A child pipeline; it contains the list, so it needs no file of its parent."""
    longest = max(_minutes(fleet, number) for number in range(fleet.shards))
    begin = ["cat > fleet.json <<'FLEET'\n" + fleet.text() + "FLEET"]
    begin = [cluster.setup, *begin] if cluster.setup else begin
    default = {"default": {"image": cluster.image}} if cluster.image else {}
    shards = [str(number) for number in range(fleet.shards)]
    run = "--run-id $CI_PIPELINE_ID"
    smoke = {
        "stage": "smoke",
        "parallel": {"matrix": [{"FLEET_SHARD": shards}]},
        "timeout": f"{longest}m",
        "allow_failure": True,  # the merge decides, also about missing records
        "before_script": begin,
        "script": [f"smoke fleet run fleet.json --shard $FLEET_SHARD --unit records {run}"],
        "artifacts": {"when": "always", "paths": ["records/"], "expire_in": "1 week"},
    }
    merge = {
        "stage": "merge",
        "when": "always",
        "before_script": begin,
        "script": [
            "mkdir -p records",
            f"smoke fleet merge fleet.json records --out smoke-fleet {run}",
        ],
        "artifacts": {
            "when": "always",
            "paths": ["smoke-fleet/"],
            "reports": {"junit": "smoke-fleet/junit.xml"},
            "expire_in": "1 month",
        },
    }
    document = default | {"stages": ["smoke", "merge"], "smoke": smoke, "merge": merge}
    return dumped(document)


def dumped(*documents: dict[str, Any]) -> str:
    """Documents as YAML: keys in their order, texts of several lines as blocks, no anchors."""
    return yaml.dump_all(documents, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=1000)


class _Plain(yaml.SafeDumper):
    """Writes for people: no anchors such as `&id001`, and scripts on several lines."""

    def ignore_aliases(self, _data: Any) -> bool:
        """Write a repeated value in full."""
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


_Plain.add_representer(str, _text)


def _name(fleet: Fleet, number: int) -> str:
    """The name of a job: its target, or its first target and the number of the others."""
    targets = fleet.shard(number)
    more = f" and {len(targets) - 1} more" if len(targets) > 1 else ""
    return f"{targets[0].name}{more}"


def _minutes(fleet: Fleet, number: int) -> int:
    return math.ceil((fleet.shard_s(number) + SLACK_S) / 60)
