"""Manifests and pipelines fit the published schemas, and a wrong field would be seen."""

import json
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.fleet.engines.node import NODE, node_path
from tests.fleet.units import environ_of, smoke
from tests.smoking import ROOT

BIN = Path(sys.executable).parent
kubernetes_validate: Any = import_module("kubernetes_validate")  # only this session has it
TABLE = """\
[tool.smoke]

[tool.smoke.targets."t{n}"]
base_url = "http://{n}.example.com"
each = "n.csv"
"""


def rendered(folder: Path, engine: str, many: int = 3, *words: str) -> str:
    """What `smoke fleet plan --format` prints for so many targets."""
    (folder / "pyproject.toml").write_text(TABLE, encoding="utf-8")
    rows = "\n".join(map(str, range(many)))
    (folder / "n.csv").write_text(f"n\n{rows}\n", encoding="utf-8")
    done = subprocess.run(  # noqa: S603  (our own module)
        smoke("fleet", "plan", "--format", engine, "--image", "registry/smoke:1", *words),
        cwd=folder, env=environ_of(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def checked(folder: Path, schema: str, text: str) -> int:
    """The exit code of `check-jsonschema` with a schema that it brings."""
    file = folder / "checked.yml"
    file.write_text(text, encoding="utf-8")
    words = [str(BIN / "check-jsonschema"), "--builtin-schema", schema, str(file)]
    return subprocess.run(words, check=False, capture_output=True).returncode  # noqa: S603


@pytest.mark.parametrize("engine", ["kubernetes", "helm"])
def test_manifests_fit_the_schemas_of_kubernetes(engine: str, tmp_path: Path) -> None:
    found = list(yaml.safe_load_all(rendered(tmp_path, engine)))
    assert len(found) == {"kubernetes": 3, "helm": 2}[engine]
    for document in found:
        for version in ("1.33", "1.37"):
            kubernetes_validate.validate(document, version, strict=True)
    assert json.loads(found[0]["data"]["fleet.json"])["targets"][2]["name"] == "t2"


SPOILT: dict[str, Callable[[Any], Any]] = {
    "unknown field": lambda spec: spec.update(backoffLimitPerIndx=0),
    "wrong kind": lambda spec: spec.update(completions="3"),
    "unknown field of the pod": lambda spec: spec["template"]["spec"].update(runAsRoot=False),
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=list(SPOILT))
def test_wrong_field_is_seen(spoil: Callable[[Any], Any], tmp_path: Path) -> None:
    *_, cron = yaml.safe_load_all(rendered(tmp_path, "kubernetes"))
    spoil(cron["spec"]["jobTemplate"]["spec"])
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(cron, "1.37", strict=True)


def test_indexed_job_has_an_index_for_each_shard_and_one_to_merge(tmp_path: Path) -> None:
    *_, cron = yaml.safe_load_all(rendered(tmp_path, "kubernetes", 5, "--shard", "2"))
    job = cron["spec"]["jobTemplate"]["spec"]
    assert (job["completionMode"], job["completions"], job["backoffLimitPerIndex"]) == (
        "Indexed", 4, 0,
    )  # fmt: skip
    exits, evicted = job["podFailurePolicy"]["rules"]
    assert (exits["action"], exits["onExitCodes"]["values"]) == ("FailIndex", [1, 2, 3, 4])
    assert evicted["action"] == "FailIndex"
    pod = job["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"]
    (container,) = pod["containers"]
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert job["activeDeadlineSeconds"] > 2 * 320


def test_pods_run_the_shard_of_their_index(tmp_path: Path) -> None:
    """The script of the pods, run by a shell with a stand-in for smoke."""
    *_, cron = yaml.safe_load_all(rendered(tmp_path, "kubernetes", 2))
    (container,) = cron["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    (tmp_path / "smoke").write_text('#!/bin/sh\necho "$@"\n')
    (tmp_path / "smoke").chmod(0o755)
    said = []
    for index in ("0", "2"):
        environ = {"PATH": f"{tmp_path}:/bin:/usr/bin", "JOB_COMPLETION_INDEX": index}
        done = subprocess.run(  # noqa: S603  (our own script)
            container["command"], env={**environ, "FLEET_RUN": "r7"}, capture_output=True,
            text=True, check=True,
        )  # fmt: skip
        said.append(done.stdout.strip())
    assert said[0] == "fleet run /fleet/fleet.json --shard 0 --unit /records/r7 --run-id r7"
    assert said[1].startswith("fleet merge /fleet/fleet.json /records/r7 --out /records/r7/merged")


def test_manifest_without_an_image_is_refused(tmp_path: Path) -> None:
    rendered(tmp_path, "github")
    done = subprocess.run(  # noqa: S603  (our own module)
        smoke("fleet", "plan", "--format", "kubernetes"), cwd=tmp_path, env=environ_of(),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, "needs --image" in done.stderr) == (4, True)


def test_workflows_and_pipelines_fit_their_schemas(tmp_path: Path) -> None:
    action = (ROOT / ".github/actions/smoke/action.yml").read_text(encoding="utf-8")
    workflow = (ROOT / ".github/workflows/fleet.yml").read_text(encoding="utf-8")
    assert checked(tmp_path, "vendor.github-actions", action) == 0
    assert checked(tmp_path, "vendor.github-workflows", workflow) == 0
    assert checked(tmp_path, "vendor.github-workflows", workflow.replace("needs:", "need:")) == 1
    pipeline = rendered(tmp_path, "gitlab")
    assert checked(tmp_path, "vendor.gitlab-ci", pipeline) == 0
    assert checked(tmp_path, "vendor.gitlab-ci", pipeline.replace("stage:", "stag:")) == 1


@pytest.mark.parametrize(("engine", "most"), [("github", 256), ("gitlab", 200)])
def test_jobs_are_never_more_than_the_service_takes(engine: str, most: int, tmp_path: Path) -> None:
    text = rendered(tmp_path, engine, 300)
    if engine == "github":
        rows = json.loads(text)["include"]
        assert rows[0] == {"shard": 0, "name": "t0 and 1 more", "minutes": 21}
        shards = [row["shard"] for row in rows]
    else:
        (matrix,) = yaml.safe_load(text)["smoke"]["parallel"]["matrix"]
        shards = [int(shard) for shard in matrix["FLEET_SHARD"]]
    assert shards == list(range(150))
    assert len(shards) <= most


ARGO = """
import { readFileSync } from "node:fs";
const { AnalysisTemplate } = await import(
  process.argv[2] + "/argoproj.io/v1alpha1/AnalysisTemplate.js");
for (const data of JSON.parse(readFileSync(0, "utf8"))) new AnalysisTemplate(data).validate();
"""


def valid_for_argo(folder: Path, documents: list[Any]) -> bool:
    (folder / "argo.mjs").write_text(ARGO, encoding="utf-8")
    done = subprocess.run(  # noqa: S603  (our own script)
        [str(NODE), str(folder / "argo.mjs"), str(node_path("@kubernetes-models/argo-rollouts"))],
        input=json.dumps(documents), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    assert done.returncode == 0 or "ValidateFailed" in done.stderr or "must" in done.stderr, (
        done.stderr
    )
    return done.returncode == 0


def test_analysis_templates_fit_the_schema_of_argo_rollouts(tmp_path: Path) -> None:
    documents = list(yaml.safe_load_all(rendered(tmp_path, "argo")))
    assert [document["metadata"]["name"] for document in documents] == [
        "smoke-fleet-run", "smoke-fleet-verdict",
    ]  # fmt: skip
    assert valid_for_argo(tmp_path, documents)
    del documents[1]["spec"]["metrics"][0]["provider"]["web"]["url"]
    assert not valid_for_argo(tmp_path, documents)
