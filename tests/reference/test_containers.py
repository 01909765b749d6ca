"""
Containers: made with files, bound to agents, removed.
"""

from typing import Any
from uuid import uuid4

import httpx

from .test_vector_stores import made as made_store
from .test_vector_stores import upload

PATH = "/api/v1/containers"
UNKNOWN = "00000000-0000-0000-0000-000000000000"


def made(admin: httpx.Client, **values: object) -> dict[str, Any]:
    """
    Make a container with a name of its own.
    """
    answer = admin.post(PATH, json={"name": f"box {uuid4().hex}"} | values)
    assert answer.status_code == 201, answer.text
    container: dict[str, Any] = answer.json()
    return container


def test_a_container_is_made_once_listed_and_removed(
    admin: httpx.Client, viewer: httpx.Client, outsider: httpx.Client
) -> None:
    box = made(admin, memory_limit="4g", metadata={"for": "tests"})
    assert (box["memory_limit"], box["status"]) == ("4g", "running")
    assert admin.post(PATH, json={"name": box["name"]}).status_code == 409
    assert admin.post(PATH, json={"name": "other", "memory_limit": "2g"}).status_code == 400
    assert viewer.post(PATH, json={"name": "other"}).status_code == 403
    assert viewer.get(f"{PATH}/{box['id']}").json() == box
    assert box in viewer.get(PATH).json()["items"]
    assert outsider.get(f"{PATH}/{box['id']}").status_code == 404
    assert outsider.delete(f"{PATH}/{box['id']}").status_code == 404
    assert admin.delete(f"{PATH}/{box['id']}").status_code == 204
    assert admin.delete(f"{PATH}/{box['id']}").status_code == 404
    assert viewer.get(PATH).json() == {"items": [], "total": 0}


def test_a_tenant_has_ten_containers_at_most(outsider: httpx.Client) -> None:
    boxes = [made(outsider) for _ in range(10)]
    assert outsider.post(PATH, json={"name": "one more"}).status_code == 409
    for box in boxes:
        assert outsider.delete(f"{PATH}/{box['id']}").status_code == 204


def test_an_agent_has_one_container(admin: httpx.Client, outsider: httpx.Client) -> None:
    path = f"{PATH}/agents/triage/container"
    boxes = [made(admin), made(admin)]
    for box in boxes:
        assert admin.post(path, json={"container_id": box["id"]}).status_code == 204
    theirs = {"container_id": boxes[0]["id"]}
    assert outsider.post(path, json=theirs).status_code == 404
    assert admin.post(path, json={"container_id": UNKNOWN}).status_code == 404
    for box in boxes:
        assert admin.delete(f"{PATH}/{box['id']}").status_code == 204
    assert [admin.delete(path).status_code for _ in range(2)] == [204, 204]


def test_a_container_has_the_files_it_was_made_with(
    admin: httpx.Client, viewer: httpx.Client, outsider: httpx.Client
) -> None:
    store = made_store(admin)
    file_id = upload(admin, store, "Some numbers: 1, 2, 3.")["openai_file_id"]
    box = made(admin, file_ids=[file_id, file_id])
    other = made(admin)
    assert admin.post(PATH, json={"name": "x", "file_ids": ["file-x"]}).status_code == 404
    assert outsider.post(PATH, json={"name": "x", "file_ids": [file_id]}).status_code == 404
    path = f"/api/v1/openai/containers/{box['openai_id']}/files/{file_id}/download"
    got = viewer.get(path, params={"filename": "numbers.txt"})
    assert got.content == b"Some numbers: 1, 2, 3."
    assert got.headers["content-type"] == "application/octet-stream"
    assert 'filename="numbers.txt"' in got.headers["content-disposition"]
    assert outsider.get(path).status_code == 404
    assert viewer.get(path.replace(box["openai_id"], other["openai_id"])).status_code == 404
    assert viewer.get(path.replace(box["openai_id"], box["id"])).status_code == 404
    for gone in (f"{PATH}/{box['id']}", f"{PATH}/{other['id']}"):
        assert admin.delete(gone).status_code == 204
    assert admin.delete(f"/api/v1/vector-stores/{store['id']}").status_code == 204
