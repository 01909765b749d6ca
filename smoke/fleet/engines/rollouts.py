"""Gates of a rollout: an AnalysisTemplate of Argo Rollouts, a test hook of Helm."""

from typing import TYPE_CHECKING, Any

from smoke.fleet.engines.ci import dumped
from smoke.fleet.engines.kubernetes import MOUNTS, RUN, job, pod
from smoke.fleet.expectation import Fleet

if TYPE_CHECKING:
    from smoke.fleet.engines.kubernetes import Cluster


def argo(fleet: Fleet, cluster: "Cluster") -> str:
    """
    Two AnalysisTemplates: one runs the fleet as a Job, the other reads the last verdict.

    A Job knows success and failure only. The web metric reads `verdict.json` (`smoke fleet
    answer`): red is Failed, and every other word is Inconclusive.
    """
    web = {
        "name": "verdict",
        "count": 1,
        "failureLimit": 0,
        "inconclusiveLimit": 0,
        "successCondition": 'result == "green"',
        "failureCondition": 'result == "red"',
        "provider": {
            "web": {
                "url": "{{args.verdict-url}}",
                "timeoutSeconds": 20,
                "jsonPath": "{$.verdict}",
            }
        },
    }
    units = {
        "name": "fleet",
        "count": 1,
        "failureLimit": 0,
        "provider": {"job": {"spec": job(fleet, cluster)}},
    }
    return dumped(
        _template(f"{cluster.name}-run", units),
        _template(f"{cluster.name}-verdict", web, [{"name": "verdict-url"}]),
    )


def _template(name: str, metric: dict[str, Any], args: list[dict[str, str]] | None = None) -> Any:
    spec = {**({"args": args} if args else {}), "metrics": [metric]}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AnalysisTemplate",
        "metadata": {"name": name},
        "spec": spec,
    }


def helm(fleet: Fleet, cluster: "Cluster") -> str:
    """A pod that `helm test` runs: every target of the list, one after the other."""
    script = (
        f"smoke fleet run /fleet/fleet.json --unit {MOUNTS['tmp']}/records; "
        f"exec smoke fleet merge /fleet/fleet.json {MOUNTS['tmp']}/records "
        f"--out {MOUNTS['tmp']}/merged\n"
    )
    spec = pod(cluster, [script], mounts=("fleet", "tmp"))
    (container,) = spec["containers"]
    container["env"] = [row for row in container["env"] if row["name"] != RUN]
    hook = {"helm.sh/hook": "test", "helm.sh/hook-delete-policy": "before-hook-creation"}
    meta = {"name": f"{cluster.name}-test", "annotations": hook}
    config = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": cluster.name},
        "data": {"fleet.json": fleet.text()},
    }
    return dumped(config, {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec})
