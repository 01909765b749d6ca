"""The image definition makes an image in which the pods' own script runs, without any rights."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.desk import has, project
from tests.fleet.engines.clean_root import Mounts, read, why_not
from tests.fleet.simulation import Simulated, simulated
from tests.fleet.units import environ_of, smoke
from tests.smoking import PASSWORD, ROOT

CONTAINERFILE = ROOT / ".ci/Containerfile"

# What the image may not do; then each pod's part: the indexes of the shards, and the merge.
START = """\
id -u
for place in /project /usr/local/bin /etc / /fleet; do
    touch "$place/x" 2>/dev/null && echo "wrote to $place"
done
export FLEET_RUN=r1
for JOB_COMPLETION_INDEX in 0 1 2; do
    export JOB_COMPLETION_INDEX
    /bin/sh -c '{script}' || echo "index $JOB_COMPLETION_INDEX ended with $?"
done
"""


def test_image_is_that_of_the_manual_and_of_the_manifest() -> None:
    image = read(CONTAINERFILE)
    assert (image.user, image.workdir) == ("10001:10001", "/project")
    page = (ROOT / "docs/how-to/fleet.md").read_text(encoding="utf-8")
    assert ".ci/Containerfile" in page
    assert "ENTRYPOINT [" not in CONTAINERFILE.read_text(encoding="utf-8")


@pytest.mark.skipif(bool(why_not()), reason=why_not() or "it can")
def test_pods_run_in_the_image_on_a_read_only_root(tmp_path: Path) -> None:
    wheels, records, root, fleet = (tmp_path / n for n in ("wheels", "records", "root", "fleet"))
    for folder in (wheels, records, root, fleet):
        folder.mkdir()
    # The session's own environment may have no pip; the Python that it is made from has one.
    python = f"{sys.base_prefix}/bin/python3"
    pip = [python, "-m", "pip", "wheel", "-q", "-w", str(wheels), str(ROOT)]
    subprocess.run(pip, check=True, capture_output=True)  # noqa: S603
    context = project(tmp_path / "project")
    has(context, {"known": 'base_url = "http://127.0.0.1:9"'})
    targets = [Simulated("t000", "green", 0), Simulated("t001", "red", 0)]
    with simulated(targets, context / "list.json"):
        manifest = subprocess.run(  # noqa: S603  (our own module)
            smoke("fleet", "plan", "list.json", "--format", "kubernetes", "--image", "x"),
            cwd=context, env=environ_of(), capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        config, _, cron = yaml.safe_load_all(manifest)
        (fleet / "fleet.json").write_text(config["data"]["fleet.json"], encoding="utf-8")
        pod = cron["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]
        start = START.format(script=pod["command"][2])
        environ = {"SMOKE_USER_PASSWORD": PASSWORD, "SMOKE_ENVIRONMENT": "local"}
        said = Mounts(wheels, context, records, fleet).run(
            read(CONTAINERFILE), start, root, **environ
        )
    assert "\n10001\n" in f"\n{said}", said
    assert "wrote to" not in said
    assert re.findall(r"index (\d) ended with (\d)", said) == [("1", "1"), ("2", "1")], said
    verdict = json.loads((records / "r1/merged/verdict.json").read_text(encoding="utf-8"))
    assert {row["target"]: row["verdict"] for row in verdict["targets"]} == {
        "t000": "green", "t001": "red",
    }  # fmt: skip
    assert list(root.iterdir()) == [], "the root was left mounted"
