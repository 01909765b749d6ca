"""
A fleet on Kubernetes: a CronJob that makes an Indexed Job, an index for each shard.

The last index waits for the others and merges. No pod starts twice: the unit itself repeats a run
that could not finish, and a lost pod leaves its target unverified by name.
"""

import math
from dataclasses import dataclass
from typing import Any

from smoke.errors import ConfigError, Exit
from smoke.fleet.engines.ci import dumped
from smoke.fleet.expectation import Fleet

# Bytes of a ConfigMap (1 MiB, with the metadata).
CONFIG_MOST = 1_000_000

# Seconds for a pod until its container runs.
START_S = 120

# The variable with the run's id: the name of the Job, new at every firing.
RUN = "FLEET_RUN"

# The mount points of a pod's volumes.
MOUNTS = {"fleet": "/fleet", "records": "/records", "tmp": "/tmp"}  # noqa: S108  (in the pod)


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

    def with_image(self) -> str:
        """
        The image.

        Raises:
            ConfigError: the command line names no image.
        """
        if not self.image:
            raise ConfigError(
                ["The manifest needs --image: the project's image, with smoke in it."]
            )
        return self.image


def kubernetes(fleet: Fleet, cluster: Cluster) -> str:
    """
    The list as a ConfigMap, a claim for the records, and the CronJob.

    Raises:
        ConfigError: the command line names no image, or the list is too large for a ConfigMap.
    """
    text = fleet.text()
    if len(text.encode()) > CONFIG_MOST:
        raise ConfigError(
            [f"The list of {len(fleet.targets)} targets is too large for a ConfigMap."]
        )
    meta = {"name": cluster.name, "labels": {"app.kubernetes.io/name": cluster.name}}
    config = {
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": {"fleet.json": text}
    }  # fmt: skip
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": meta,
        "spec": {
            "accessModes": ["ReadWriteMany"],
            "resources": {"requests": {"storage": "5Gi"}},
        },
    }
    cron = {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": meta,
        "spec": {
            "schedule": cluster.cron,
            "concurrencyPolicy": "Forbid",
            "startingDeadlineSeconds": 120,
            "successfulJobsHistoryLimit": 3,
            "failedJobsHistoryLimit": 3,
            "jobTemplate": {"metadata": {"labels": meta["labels"]}, "spec": job(fleet, cluster)},
        },
    }
    return dumped(config, claim, cron)


def job(fleet: Fleet, cluster: Cluster) -> dict[str, Any]:
    """The Indexed Job of one run: an index for each shard, and the last one for the merge."""
    at_once = min(fleet.at_once, fleet.shards) + 1
    longest_s = max(fleet.shard_s(number) for number in range(fleet.shards))
    rounds = math.ceil(fleet.shards / min(fleet.at_once, fleet.shards))
    whole_s = math.ceil(rounds * (longest_s + START_S))
    codes = sorted(int(code) for code in Exit if code)
    failed = {"containerName": "smoke", "operator": "In", "values": codes}
    # An evicted pod may have sent requests already, so it must not start again.
    evicted = [{"type": "DisruptionTarget", "status": "True"}]
    return {
        "completionMode": "Indexed",
        "completions": fleet.shards + 1,
        "parallelism": at_once,
        "backoffLimitPerIndex": 0,
        "maxFailedIndexes": fleet.shards + 1,
        "activeDeadlineSeconds": whole_s + 2 * START_S,
        "ttlSecondsAfterFinished": 86400,
        "podFailurePolicy": {
            "rules": [
                {"action": "FailIndex", "onExitCodes": failed},
                {"action": "FailIndex", "onPodConditions": evicted},
            ]
        },
        "template": {"spec": pod(cluster, [_script(fleet, whole_s)])},
    }


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


def pod(
    cluster: Cluster, script: list[str], mounts: tuple[str, ...] = tuple(MOUNTS)
) -> dict[str, Any]:
    """A pod that may only write its records: no root, no token, a read-only root file system."""
    volumes: dict[str, dict[str, Any]] = {
        "fleet": {"configMap": {"name": cluster.name}},
        "records": {"persistentVolumeClaim": {"claimName": cluster.name}},
        "tmp": {"emptyDir": {}},
    }
    return {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "terminationGracePeriodSeconds": 60,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 10001,
            "runAsGroup": 10001,
            "fsGroup": 10001,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [_container(cluster, script, mounts)],
        "volumes": [{"name": name, **volumes[name]} for name in mounts],
    }


def _container(cluster: Cluster, script: list[str], mounts: tuple[str, ...]) -> dict[str, Any]:
    label = "metadata.labels['batch.kubernetes.io/job-name']"
    return {
        "name": "smoke",
        "image": cluster.with_image(),
        "command": ["/bin/sh", "-c", *script],
        "workingDir": cluster.root,
        "env": [
            {"name": RUN, "valueFrom": {"fieldRef": {"fieldPath": label}}},
            {"name": "HOME", "value": MOUNTS["tmp"]},
        ],
        "envFrom": [{"secretRef": {"name": cluster.name, "optional": True}}],
        "resources": {
            "requests": {"cpu": "250m", "memory": "128Mi"},
            "limits": {"memory": "512Mi"},
        },
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [
            {"name": name, "mountPath": MOUNTS[name], "readOnly": name == "fleet"}
            for name in mounts
        ],
    }
