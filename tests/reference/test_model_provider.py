"""
With a provider's key and URL the service asks a model behind an OpenAI-compatible endpoint.
"""

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from uuid import uuid4

import httpx
import pytest

from smoke.reference.agents.catalogue import AGENTS
from smoke.reference.chat.responder import EmbeddedResponder, ModelError, Turn, responder_of
from smoke.reference.settings import Settings

from .process import served
from .streams import frames_of, kinds_of
from .world import seed

KEY = "key-of-the-provider"


class Provider(BaseHTTPRequestHandler):
    """
    Answers chat completions; a message that names a status is answered with that status.
    """

    protocol_version = "HTTP/1.1"
    asked: ClassVar[list[tuple[str, str, dict[str, Any]]]] = []

    def do_POST(self) -> None:
        """
        Answer one request.
        """
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append((self.path, self.headers["Authorization"], body))
        said = body["messages"][-1]["content"]
        status = int(said) if said.isdigit() else 200
        answer: dict[str, Any] = {
            "id": "chatcmpl-1",
            "model": "stub-1",
            "choices": [{"message": {"role": "assistant", "content": f"echo {said}"}}],
            "usage": {"prompt_tokens": 21, "completion_tokens": 4},
        }
        if said == "nonsense":
            answer = {"choices": []}
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_arguments: object) -> None:
        """
        Say nothing.
        """


@pytest.fixture(scope="module")
def provider_url() -> Iterator[str]:
    """
    A provider on this machine.
    """
    with ThreadingHTTPServer(("127.0.0.1", 0), Provider) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/v1/"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def asking(provider_url: str) -> Iterator[httpx.Client]:
    """
    An owner at a service that asks the provider.
    """
    environment = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": provider_url, "OPENAI_MODEL": "m-1"}
    with served(**environment) as service, _owner(service.url) as owner:
        yield owner


def _owner(url: str) -> httpx.Client:
    return seed(url, uuid4().hex[:8]).signed_in("owner")


def test_the_provider_is_asked_and_its_answer_kept(asking: httpx.Client) -> None:
    before = len(Provider.asked)
    answer = asking.post("/api/v1/chat", json={"message": "Hello"}).json()
    assert (answer["response"], answer["metadata"]["model"]) == ("echo Hello", "stub-1")
    path, authorization, body = Provider.asked[before]
    assert (path, authorization) == ("/v1/chat/completions", f"Bearer {KEY}")
    assert body["model"] == "m-1"
    assert [one["role"] for one in body["messages"]] == ["system", "user"]
    today = asking.get("/api/v1/usage").json()[0]
    assert (today["input_tokens"], today["output_tokens"], today["requests"]) == (21, 4, 1)


def test_each_step_of_a_workflow_asks_the_provider(asking: httpx.Client) -> None:
    before = len(Provider.asked)
    run = asking.post("/api/v1/workflows/analysis_code/run", json={"message": "Go"}).json()
    assert [step["response_text"] for step in run["steps"]] == ["echo Go", "echo echo Go"]
    assert len(Provider.asked) == before + 2


@pytest.mark.parametrize(
    ("said", "is_retryable"), [("500", True), ("429", True), ("401", False), ("nonsense", False)]
)
def test_a_provider_that_fails_is_told(asking: httpx.Client, said: str, is_retryable: bool) -> None:
    refused = asking.post("/api/v1/chat", json={"message": said})
    assert (refused.status_code, refused.json()["error"]) == (502, "BadGateway")
    assert KEY not in refused.text
    frames = frames_of(asking.post("/api/v1/chat/stream", json={"message": said}))
    assert kinds_of(frames) == ["lifecycle", "error"]
    assert frames[-1]["error"]["source"] == "provider"
    assert frames[-1]["error"]["is_retryable"] is is_retryable
    path = "/api/v1/workflows/analysis_code"
    frames = frames_of(asking.post(f"{path}/run-stream", json={"message": said}))
    assert frames[-1]["kind"] == "error"
    run_id = frames[-1]["workflow"]["workflow_run_id"]
    assert asking.get(f"/api/v1/workflows/runs/{run_id}").json()["status"] == "failed"
    assert asking.post(f"{path}/run", json={"message": said}).status_code == 502


async def test_a_provider_that_is_not_there_is_told() -> None:
    with socket.socket() as visitor:
        visitor.bind(("127.0.0.1", 0))
        gone = f"http://127.0.0.1:{visitor.getsockname()[1]}"
        model = responder_of(Settings(openai_api_key=KEY, openai_base_url=gone))
        with pytest.raises(ModelError, match=r"^The model cannot be reached: ConnectError\.$"):
            await model.answer(AGENTS[0], [Turn("user", "Hello")], in_workflow=False)


def test_a_key_alone_costs_nothing() -> None:
    alone = Settings.from_environment({"OPENAI_API_KEY": KEY})
    assert isinstance(responder_of(alone), EmbeddedResponder)
    assert KEY not in repr(alone)
