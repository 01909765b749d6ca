"""Gates of a rollout: an AnalysisTemplate of Argo Rollouts, a test hook of Helm."""

from smoke.fleet.engines.kubernetes import RUN, Cluster, config_map, job, pod
from smoke.fleet.engines.templates import dumped, filled
from smoke.fleet.expectation import Fleet


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
