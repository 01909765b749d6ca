"""
A fleet on Kubernetes: a CronJob that makes an Indexed Job, an index for each shard.

The last index waits for the others and merges. No pod starts twice: the unit itself repeats a run
that could not finish, and a lost pod leaves its target unverified by name.
"""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

import yaml

from smoke.errors import ConfigError, Exit
from smoke.fleet.expectation import Fleet

# Bytes of a ConfigMap (1 MiB, with the metadata).
CONFIG_MOST = 1_000_000

# Seconds for a pod until its container runs.
START_S = 120

# The variable with the run's id.
RUN = "FLEET_RUN"


@dataclass(frozen=True)
class Cluster:
    """
    The settings of an engine beside the list.

    `setup` is the command that installs smoke in a job, `root` the project's directory in the
    image, `name` the name of the objects in the cluster.
    """

    image: str = ""
    setup: str = ""
    cron: str = "*/15 * * * *"
    name: str = "smoke-fleet"
    root: str = "/project"


def kubernetes(fleet: Fleet, cluster: Cluster) -> str:
    """
    The list as a ConfigMap, a claim for the records, and the CronJob.

    Raises:
        ConfigError: the command line names no image, or the list is too large for a ConfigMap.
    """
    labels = {"app.kubernetes.io/name": cluster.name}
    metadata = {"name": cluster.name, "labels": labels}
    whole = filled(
        "kubernetes",
        metadata=metadata, labels=labels, cron=cluster.cron, job=job(fleet, cluster),
    )  # fmt: skip
    return dumped(config_map(fleet, metadata), *whole)


def config_map(fleet: Fleet, metadata: dict[str, Any]) -> dict[str, Any]:
    """
    The ConfigMap with the list.

    Raises:
        ConfigError: the list is too large for one.
    """
    text = fleet.text()
    if len(text.encode()) > CONFIG_MOST:
        raise ConfigError(
            [f"The list of {len(fleet.targets)} targets is too large for a ConfigMap."]
        )
    return filled("config", metadata=metadata, fleet=text)[0]


def job(fleet: Fleet, cluster: Cluster) -> dict[str, Any]:
    """The Indexed Job of one run: an index for each shard, and the last one for the merge."""
    at_once = min(fleet.at_once, fleet.shards)
    longest_s = max(fleet.shard_s(number) for number in range(fleet.shards))
    whole_s = math.ceil(math.ceil(fleet.shards / at_once) * (longest_s + START_S))
    return filled(
        "job",
        # One index more than shards, and one place more: the merge waits from the start.
        completions=fleet.shards + 1,
        at_once=at_once + 1,
        deadline_s=whole_s + 2 * START_S,
        failed=sorted(int(code) for code in Exit if code),
        pod=pod(cluster, _script(fleet, whole_s)),
    )[0]


def _script(fleet: Fleet, whole_s: int) -> str:
    """The script of a pod: its index selects a shard, or the merge."""
    run = f'--run-id "${RUN}"'
    records = f'"/records/${RUN}"'
    return (
        f'if [ "$JOB_COMPLETION_INDEX" -lt {fleet.shards} ]; then\n'
        f'  exec smoke fleet run /fleet/fleet.json --shard "$JOB_COMPLETION_INDEX" '
        f"--unit {records} {run}\n"
        "fi\n"
        f"exec smoke fleet merge /fleet/fleet.json {records} --out {records}/merged "
        f"--wait {whole_s} {run}\n"
    )


def pod(cluster: Cluster, script: str) -> dict[str, Any]:
    """
    A pod that may only write its records.

    Raises:
        ConfigError: the command line names no image.
    """
    if not cluster.image:
        raise ConfigError(["The manifest needs --image: the project's image, with smoke in it."])
    values = {"image": cluster.image, "root": cluster.root, "name": cluster.name}
    return filled("pod", script=script, **values)[0]


def filled(name: str, /, **values: Any) -> list[dict[str, Any]]:
    """The documents of a file beside this one, each `${placeholder}` replaced by its value."""
    text = Path(__file__).with_name(f"{name}.yaml").read_text(encoding="utf-8")
    # JSON is YAML, too, so a value of any kind fits where its placeholder stands.
    written = {key: json.dumps(value, ensure_ascii=False) for key, value in values.items()}
    return list(yaml.safe_load_all(Template(text).substitute(written)))


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
