"""Matrices of CI services, and gates of a rollout: jobs for the shards, and the merge."""

import json
import math

from smoke.fleet.engines.kubernetes import RUN, Cluster, config_map, dumped, filled, job, pod
from smoke.fleet.expectation import Fleet

# Jobs of a matrix (GitHub's documentation, "Usage limits").
GITHUB_MOST = 256

# Jobs of `parallel:matrix` (GitLab's documentation, "CI/CD YAML syntax").
GITLAB_MOST = 200

# Seconds that a job needs beside its units: checkout, installation, artifacts.
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


def argo(fleet: Fleet, cluster: Cluster) -> str:
    """Two AnalysisTemplates: one runs the fleet as a Job, the other reads the last verdict."""
    run_name, verdict_name = f"{cluster.name}-run", f"{cluster.name}-verdict"
    names = {"run_name": run_name, "verdict_name": verdict_name}
    return dumped(*filled("argo", job=job(fleet, cluster), **names))


def helm(fleet: Fleet, cluster: Cluster) -> str:
    """A pod that `helm test` runs: every target of the list, one after the other."""
    script = (
        "smoke fleet run /fleet/fleet.json --unit /tmp/records; "
        "exec smoke fleet merge /fleet/fleet.json /tmp/records --out /tmp/merged\n"
    )
    spec = pod(cluster, script)
    (container,) = spec["containers"]
    # A test keeps no records and is not a Job: it has neither a claim nor a Job's name.
    for rows, name in (
        (spec["volumes"], "records"), (container["volumeMounts"], "records"),
        (container["env"], RUN),
    ):  # fmt: skip
        rows[:] = [row for row in rows if row["name"] != name]
    test = filled("helm", test_name=f"{cluster.name}-test", pod=spec)
    return dumped(config_map(fleet, {"name": cluster.name}), *test)
