"""The services: how each is installed and started, who asks, and what is true about its answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TOKEN = "token-of-a-stranger-0123456789"
PASSWORD = "correct-horse-battery"


@dataclass(frozen=True)
class Service:
    """
    One service. `{port}` and `{home}` in `start` and `environ` are its port and its directory.

    `header` is what a caller shows; `openapi` is where the contract lies, if at no usual place.
    `findings` names the operations that are red by the service's own fault, with the
    reason: a person read it in the service's answers. Any other red fails the session. `theirs` are
    things that somebody else made: what to send, and where to look whether they are as before.
    `beyond` counts the operations that a person with curl cannot make succeed here.
    """

    packages: tuple[str, ...]
    start: tuple[str, ...]
    ready: str
    header: str = ""
    openapi: str = ""
    environ: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    findings: Mapping[str, str] = field(default_factory=dict)
    theirs: tuple[tuple[str, str, dict[str, Any], str], ...] = ()
    beyond: int = 0


NULL = "it answers null where the contract has a text"
CREATED = "it answers 201, which the contract does not have"

SERVICES = {
    # Tornado, a token, Swagger 2.0.
    "jupyter": Service(
        packages=("jupyter_server==2.21.1", "ipykernel"),
        start=(
            "jupyter-server", "--no-browser", "--ip=127.0.0.1", "--port={port}", "--allow-root",
            f"--IdentityProvider.token={TOKEN}", "--ServerApp.root_dir={home}",
        ),
        ready="/api",
        header=f"Authorization: token {TOKEN}",
        openapi="/api/spec.yaml",
        variables={"SMOKE_KEY": TOKEN},
        theirs=(
            ("PUT", "/api/contents/theirs.txt",
             {"type": "file", "format": "text", "content": "theirs"},
             "/api/contents/theirs.txt"),
        ),
        findings={
            "GET /api/": "its first route, .*/, redirects to /api; the contract has 200 here",
            "GET /api/me": f"{NULL}: its User has None, and so has the example of the contract",
            "PUT /api/contents/{path}": f"{NULL}: only the description of Contents allows null",
            "GET /api/contents/{path}": f"{NULL}: no hash was asked for",
            "PATCH /api/contents/{path}": f"{NULL}: only the description of Contents allows null",
        },
        beyond=1,  # GET /api/ always redirects
    ),
    # FastAPI, Basic authentication that the contract does not declare, 188 operations.
    "prefect": Service(
        packages=("prefect==3.9.1",),
        start=("prefect", "server", "start", "--no-services", "--host=127.0.0.1", "--port={port}"),
        ready="/api/health",
        header="Authorization: Basic YWRtaW46Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5",
        environ={
            "PREFECT_HOME": "{home}",
            "PREFECT_SERVER_API_AUTH_STRING": f"admin:{PASSWORD}",
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "DO_NOT_TRACK": "1",
        },
        variables={"SMOKE_USER_EMAIL": "admin", "SMOKE_USER_PASSWORD": PASSWORD},
        theirs=(
            ("POST", "/api/flows/", {"name": "theirs"}, "/api/flows/name/theirs"),
            ("POST", "/api/variables/", {"name": "theirs", "value": 1},
             "/api/variables/name/theirs"),
            ("POST", "/api/work_pools/", {"name": "theirs", "type": "process"},
             "/api/work_pools/theirs"),
        ),
        findings=dict.fromkeys(
            (
                "POST /artifacts/", "POST /concurrency_limits/", "POST /flows/",
                "POST /deployments/", "POST /flow_runs/", "POST /task_runs/",
                "POST /deployments/{id}/create_flow_run", "POST /flow_runs/{id}/set_state",
                "POST /task_runs/{id}/set_state",
            ),
            CREATED,
        )
        | {
            "GET /csrf-token": "it answers 422 where the feature is off; 422 is for bad input",
            "GET /flow_runs/{id}/logs/download": "it answers CSV where the contract has JSON",
            "GET /admin/settings": "it answers with fields that are writeOnly",
            "POST /automations/templates/validate": "it answers 204, the contract has 200",
            "POST /templates/validate": "it answers 204, the contract has 200",
        },
        beyond=1,  # GET /csrf-token: its feature is off
    ),
    # Django, a token that the contract declares as a header.
    "label_studio": Service(
        packages=("label-studio==1.23.2",),
        start=(
            "label-studio", "start", "--no-browser", "--internal-host=127.0.0.1", "--port={port}",
            "--username=stranger@example.com", f"--password={PASSWORD}", f"--user-token={TOKEN}",
            "--enable-legacy-api-token",
        ),
        ready="/api/current-user/whoami",
        header=f"Authorization: Token {TOKEN}",
        environ={
            "HOME": "{home}",
            "LABEL_STUDIO_BASE_DATA_DIR": "{home}",
            "LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED": "true",
            "LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT": "/",
            # Its protection refuses every name that it cannot resolve: there is no network here.
            "SSRF_PROTECTION_ENABLED": "false",
            "COLLECT_ANALYTICS": "false",
            "LATEST_VERSION_CHECK": "false",
        },
        variables={"SMOKE_KEY": TOKEN},
        theirs=(
            ("POST", "/api/projects/", {"title": "theirs"}, "/api/projects/1/"),
            ("POST", "/api/tasks/", {"project": 1, "data": {"text": "theirs"}}, "/api/tasks/1/"),
        ),
        findings={
            "refusals.anonymous_is_refused[Tasks]":
                "the contract has a text as the id, tasks/urls.py has <int:pk>: a page of HTML",
            "POST /api/annotations/{id}/convert-to-draft": f"{CREATED}: tasks/api.py, status=201",
            "DELETE /api/projects/{id}/file-uploads":
                "it answers 200 (data_import/api.py), the contract has 204",
        },
        # Stores of three clouds and redis (48), servers with models (8), the paid edition (3); no
        # import has an id in the free edition (2); a membership needs a second person (1).
        beyond=62,
    ),
    # FastAPI, no authentication.
    "glances": Service(
        packages=("glances[web]==4.5.8",),
        start=(
            "glances", "-w", "--bind=127.0.0.1", "--port={port}", "--disable-check-update",
            "--disable-autodiscover",
        ),
        ready="/api/4/status",
    ),
}  # fmt: skip
