"""Seed: what the run stands on is not there, or not as it was asked for."""

from typing import Any

from tests.faults.catalogue.operations import SEED
from tests.faults.entries import Fault, InApp, Proxied
from tests.faults.in_app import upkeep
from tests.faults.interference import changed, pretended
from tests.faults.preparation import seed_once
from tests.faults.proxy import Asked

GROUP = "seed"
SIGNED_IN = "jwks.token_is_signed_with_a_published_key"


def _half(world: Any) -> None:
    for tenant in world["tenants"].values():
        tenant["conversations"] = {}


def _without_users(world: Any) -> None:
    for tenant in world["tenants"].values():
        tenant["users"] = {}


def _promised(asked: Asked) -> tuple[int, Any]:
    """The answer as it should be, made of ids that no row has."""
    unknown = "00000000-0000-4000-8000-00000000000"
    tenants = {
        tenant["slug"]: {
            "tenant_id": f"{unknown}{number}", "plan_code": None, "assets": {},
            "users": {user["email"]: {"user_id": f"{unknown}9", "role": user.get("role", "admin")}
                      for user in tenant["users"]},
            "conversations": {one["key"]: {"conversation_id": f"{unknown}8", "status": "active"}
                              for one in tenant.get("conversations", [])},
        }
        for number, tenant in enumerate(asked.json["tenants"])
    }  # fmt: skip
    return 201, {"tenants": tenants, "generated_at": "2026-01-01T00:00:00Z"}


ENTRIES = [
    Fault(
        "seeding_leaves_messages_out", GROUP, "conversations",
        InApp(upkeep.messages_not_seeded), caught_by="conversations.conversation_is_listed",
    ),
    Fault(
        "seeding_answers_half", GROUP, "seeding",
        Proxied(changed(SEED, _half)), caught_by="*", says="Seeding answered without",
    ),
    Fault(
        "seeding_answers_no_users", GROUP, "seeding",
        Proxied(changed(SEED, _without_users)), caught_by="*", says="Seeding answered without",
    ),
    Fault(
        "seeding_is_only_promised", GROUP, "seeding",
        Proxied(pretended(SEED, _promised)), caught_by=SIGNED_IN, says="could not sign in",
        why="what was not seeded cannot sign in",
    ),
    Fault(
        "seeding_works_once", GROUP, "seeding",
        InApp(upkeep.seeds_once), caught_by="*", says="test-fixtures/apply", before=seed_once,
    ),
    Fault(
        "seeding_sets_no_passwords", GROUP, "seeding",
        InApp(upkeep.passwords_not_seeded), caught_by=SIGNED_IN, says="could not sign in",
        why="an account without the seeded password cannot sign in",
    ),
    Fault(
        "viewer_seeded_as_member", GROUP, "seeding",
        InApp(upkeep.seeded_as("viewer", "member")), caught_by="tenancy.viewer_cannot_write",
        why="a viewer who may write is found where a viewer must not",
    ),
    Fault(
        "member_seeded_as_viewer", GROUP, "tenants",
        InApp(upkeep.seeded_as("member", "viewer")),
        caught_by="tenants.members_have_their_roles",
    ),
]  # fmt: skip
