"""Job definitions for engines: matrices for GitHub and GitLab, manifests for Kubernetes."""

from collections.abc import Callable

from smoke.fleet.engines import ci, kubernetes
from smoke.fleet.engines.kubernetes import Cluster
from smoke.fleet.expectation import Fleet

# The function that writes a list for an engine, by the engine's name.
FORMATS: "dict[str, Callable[[Fleet, Cluster], str]]" = {
    "github": ci.github,
    "gitlab": ci.gitlab,
    "kubernetes": kubernetes.kubernetes,
    "argo": ci.argo,
    "helm": ci.helm,
}

# The maximum of jobs of an engine; with more targets, several share a job.
JOBS = {"github": ci.GITHUB_MOST, "gitlab": ci.GITLAB_MOST}
