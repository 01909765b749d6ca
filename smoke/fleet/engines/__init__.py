"""Job definitions for engines: matrices for GitHub and GitLab, manifests for Kubernetes."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from smoke.fleet.engines import ci, kubernetes, rollouts
from smoke.fleet.expectation import Fleet

if TYPE_CHECKING:
    from smoke.fleet.engines.kubernetes import Cluster

# The function that writes a list for an engine, by the engine's name.
FORMATS: "dict[str, Callable[[Fleet, Cluster], str]]" = {
    "github": ci.github,
    "gitlab": ci.gitlab,
    "kubernetes": kubernetes.kubernetes,
    "argo": rollouts.argo,
    "helm": rollouts.helm,
}

# The maximum of jobs of an engine; with more targets, several share a job.
JOBS = {"github": ci.GITHUB_MOST, "gitlab": ci.GITLAB_MOST}
