"""Third parties: what is kept at a provider of files, stores and containers is not as it was."""

from typing import Any

from tests.faults.catalogue.operations import (
    AGENT_INPUT,
    ASSETS,
    CONTAINERS,
    DISCARD,
    STORE,
    STORES,
    UPLOAD,
)
from tests.faults.catalogue.process import ERROR
from tests.faults.catalogue.storage import ACCEPTED
from tests.faults.entries import Environment, Fault, Proxied
from tests.faults.interference import (
    Begin,
    asked_otherwise,
    body_changed,
    changed,
    instead,
    on,
    pretended,
    replied,
)
from tests.faults.proxy import Answered, Asked, Forward, Interference, answer
from tests.faults.rewriting import sent_with

GROUP = "third parties"
SEARCH = f"POST {STORE}/search"


def _worst_first(found: Any) -> None:
    scores = [row["score"] for row in found["data"]]
    found["data"].reverse()
    for row, score in zip(found["data"], scores, strict=True):
        row["score"] = score


def _dead_twice(operation: str) -> Begin:
    """What is gone already makes the service crash when it is deleted again."""

    def begin() -> Interference:
        gone: set[str] = set()

        async def interfere(asked: Asked, forward: Forward) -> Answered:
            if asked.path in gone:
                return answer(500, ERROR)
            found = await forward(asked)
            if found.status == 204:
                gone.add(asked.path)
            return found

        return on(operation, interfere)()

    return begin


ENTRIES = [
    Fault(
        "vector_stores_are_off_though_their_gate_is_on", GROUP, "life cycles",
        Environment({"REFERENCE_WITHOUT": "vector_stores"}),
        caught_by="*", says="/api/v1/vector-stores",
        why="the checks of life cycles, files and stores all make a store first",
    ),
    Fault(
        "containers_are_off_though_their_gate_is_on", GROUP, "containers",
        Environment({"REFERENCE_WITHOUT": "containers"}), caught_by="containers.*",
    ),
    Fault(
        "provider_crashes_unmapped", GROUP, "containers",
        Proxied(replied(f"POST {CONTAINERS}", 500, ERROR)), caught_by="containers.*",
    ),
    Fault(
        "viewers_bind_containers", GROUP, "containers",
        Proxied(instead(f"POST {CONTAINERS}/agents/{{agent_key}}/container", 403, 204)),
        caught_by="containers.container_is_bound_by_admins",
    ),
    Fault(
        "store_is_not_deleted", GROUP, "life cycles",
        Proxied(pretended(f"DELETE {STORE}", lambda _asked: (204, None))),
        caught_by="life_cycles.thing_belongs_to_its_tenant[vector_store]",
        why="another tenant is answered as if it had deleted the thing",
    ),
    Fault(
        "container_is_not_deleted", GROUP, "life cycles",
        Proxied(pretended(f"DELETE {CONTAINERS}/{{container_id}}", lambda _asked: (204, None))),
        caught_by="life_cycles.thing_belongs_to_its_tenant[container]",
        why="another tenant is answered as if it had deleted the thing",
    ),
    Fault(
        "deleting_an_object_twice_crashes", GROUP, "life cycles",
        Proxied(_dead_twice(DISCARD)),
        caught_by="life_cycles.deleted_thing_is_gone[stored_object]",
    ),
    Fault(
        "store_names_are_not_unique", GROUP, "life cycles",
        Proxied(instead(f"POST {STORES}", 409, 201, {})),
        caught_by="life_cycles.name_is_taken_while_the_thing_lives[vector_store]",
    ),
    Fault(
        "container_names_are_not_unique", GROUP, "life cycles",
        Proxied(instead(f"POST {CONTAINERS}", 409, 201, {})),
        caught_by="life_cycles.name_is_taken_while_the_thing_lives[container]",
    ),
    Fault(
        "viewers_make_stores", GROUP, "life cycles",
        Proxied(instead(f"POST {STORES}", 403, 201, {})),
        caught_by="life_cycles.thing_belongs_to_its_tenant[vector_store]",
    ),
    Fault(
        "viewers_make_containers", GROUP, "life cycles",
        Proxied(instead(f"POST {CONTAINERS}", 403, 201, {})),
        caught_by="life_cycles.thing_belongs_to_its_tenant[container]",
    ),
    Fault(
        "viewers_make_objects", GROUP, "life cycles",
        Proxied(instead(UPLOAD, 403, 201, ACCEPTED)),
        caught_by="life_cycles.thing_belongs_to_its_tenant[stored_object]",
    ),
    Fault(
        "provider_s_files_are_mangled", GROUP, "openai_files",
        Proxied(body_changed("GET /api/v1/openai/files/*", lambda body: body[:-1])),
        caught_by="openai_files.file_of_a_store_comes_back",
    ),
    Fault(
        "container_s_files_are_mangled", GROUP, "openai_files",
        Proxied(body_changed("GET /api/v1/openai/containers/*", lambda body: body[:-1])),
        caught_by="openai_files.file_of_a_container_comes_back",
    ),
    Fault(
        "embeddings_are_missing", GROUP, "vector_stores",
        Proxied(changed(SEARCH, lambda found: {**found, "data": []})),
        caught_by="vector_stores.file_is_found_by_its_words",
    ),
    Fault(
        "ranking_is_upside_down", GROUP, "vector_stores",
        Proxied(changed(SEARCH, _worst_first)),
        caught_by="vector_stores.best_file_is_found_first",
    ),
    Fault(
        "viewers_bind_stores", GROUP, "vector_stores",
        Proxied(instead(f"POST {STORE}/bindings/{{agent_key}}", 403, 200, {})),
        caught_by="vector_stores.store_is_bound_by_admins",
    ),
    Fault(
        "other_tenants_search_stores", GROUP, "vector_stores",
        Proxied(instead(SEARCH, 404, 200, {
            "object": "x", "search_query": "x", "data": [], "has_more": False})),
        caught_by="refusals.outsider_is_refused[vector-stores]",
    ),
    Fault(
        "asset_type_is_ignored", GROUP, "assets",
        Proxied(asked_otherwise(ASSETS, lambda asked: setattr(asked, "query", "limit=100"))),
        caught_by="assets.filter_selects_assets_of_a_type",
    ),
    Fault(
        "asset_is_not_deleted", GROUP, "assets",
        Proxied(pretended("DELETE /api/v1/assets/{asset_id}", lambda _asked: (204, None))),
        caught_by="assets.deleted_asset_is_gone",
    ),
    Fault(
        "uploads_lose_their_name", GROUP, "uploads",
        Proxied(asked_otherwise(AGENT_INPUT, sent_with(mime_type="application/pdf"))),
        caught_by="uploads.input_for_an_agent_is_stored",
    ),
    Fault(
        "uploads_of_any_type", GROUP, "uploads",
        Proxied(instead(AGENT_INPUT, 400, 201, ACCEPTED)),
        caught_by="uploads.input_must_be_of_a_known_type",
    ),
]  # fmt: skip
