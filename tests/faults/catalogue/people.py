"""People: accounts, sessions, members and tenants do not become what they were made."""

from typing import Any

from tests.faults.catalogue.database import ignored, undone
from tests.faults.catalogue.operations import MEMBERS_PATH, PLATFORM, TOKENS, USER
from tests.faults.entries import Fault, InApp, Proxied
from tests.faults.in_app import rights
from tests.faults.interference import asked_otherwise, changed, instead, on, only_read, pretended
from tests.faults.proxy import Answered, Asked, Forward, Interference, answer

GROUP = "people"
DONE = {"success": True, "message": "Done.", "data": None}
INVITES = "GET /api/v1/tenants/invites"
INVITE = "POST /api/v1/tenants/invites"
ACCEPT = "POST /api/v1/tenants/invites/accept"
ROLE = f"PATCH {MEMBERS_PATH}/{{user_id}}/role"
AUTH = "/api/v1/auth"
CHANGE = f"POST {AUTH}/password/change"
CHANGE_ADDRESS = "PATCH /api/v1/users/me/email"
COMPLETE = f"POST {AUTH}/mfa/complete"
REQUESTS = f"GET {AUTH}/signup-requests"
REGISTER = f"POST {AUTH}/register"


def _never_revoked(page: Any) -> None:
    for row in page["invites"]:
        row["status"] = "expired" if row["status"] == "revoked" else row["status"]


def _still_active(page: Any) -> None:
    for row in page["invites"]:
        row["status"] = "active"


def _promoted(me: Any) -> None:
    me["data"]["role"] = "member" if me["data"]["role"] == "viewer" else me["data"]["role"]


async def _owner_made(asked: Asked, forward: Forward) -> Answered:
    """Whoever is to be an owner becomes one."""
    wish = asked.json or {}
    return answer(200, {}) if wish.get("role") == "owner" else await forward(asked)


async def _viewer_made(asked: Asked, forward: Forward) -> Answered:
    """Whoever may not change roles may still make viewers."""
    found = await forward(asked)
    is_viewer = (asked.json or {}).get("role") == "viewer"
    return answer(200, {}) if found.status == 403 and is_viewer else found


def _works_twice() -> Interference:
    """A token that has set a password is taken again."""
    used: set[str] = set()

    async def confirm(asked: Asked, forward: Forward) -> Answered:
        token = (asked.json or {}).get("token", "")
        if token in used:
            return answer(200, DONE)
        found = await forward(asked)
        if found.status == 200:
            used.add(token)
        return found

    return on(f"POST {AUTH}/password/confirm", confirm)()


def _as_viewer(asked: Asked) -> None:
    asked.body = b'{"role": "viewer"}'


ENTRIES = [
    Fault(
        "invites_stay_open_when_accepted", GROUP, "invites",
        Proxied(changed(INVITES, _still_active)),
        caught_by="invites.accepted_invite_makes_a_member",
    ),
    Fault(
        "invite_is_accepted_twice", GROUP, "invites",
        Proxied(instead(ACCEPT, 409, 201, {})), caught_by="invites.revoked_invite_is_refused",
    ),
    Fault(
        "revoked_invite_stays_open", GROUP, "invites",
        undone("team_invites", "status", when="NEW.status = 'revoked'"),
        caught_by="invites.revoked_invite_is_refused",
    ),
    Fault(
        "members_are_never_removed", GROUP, "invites",
        ignored("memberships", "DELETE"), caught_by="members.*",
        why="a guest is removed from the second tenant it joined before it is from its own",
    ),
    Fault(
        "invites_end_before_they_begin", GROUP, "invites",
        Proxied(changed(f"{INVITES}/policy", lambda row: {**row, "default_expires_hours": 0})),
        caught_by="invites.invite_policy_is_consistent",
    ),
    Fault(
        "members_may_invite", GROUP, "invites",
        Proxied(instead(INVITE, 403, 201, {})), caught_by="invites.invites_are_for_admins",
    ),
    Fault(
        "role_is_set_otherwise", GROUP, "members",
        Proxied(asked_otherwise(ROLE, _as_viewer)), caught_by="members.role_changes_take_effect",
    ),
    Fault(
        "role_is_not_persisted", GROUP, "members",
        undone("memberships", "role", "rowid"), caught_by="members.role_changes_take_effect",
    ),
    Fault(
        "removed_member_stays_in", GROUP, "members",
        ignored("memberships", "DELETE",
                "(SELECT slug FROM tenants WHERE id = OLD.tenant_id) = 'smoke'"),
        caught_by="members.removed_member_is_out",
    ),
    Fault(
        "last_owner_may_go", GROUP, "members",
        Proxied(instead(ROLE, 409, 200, {})), caught_by="members.last_owner_stays",
    ),
    Fault(
        "admins_make_owners", GROUP, "members",
        Proxied(on(ROLE, _owner_made)), caught_by="members.role_changes_take_effect",
    ),
    Fault(
        "members_change_roles", GROUP, "members",
        Proxied(instead(ROLE, 403, 200, {})), caught_by="members.role_changes_take_effect",
    ),
    Fault(
        "members_make_viewers", GROUP, "members",
        Proxied(on(ROLE, _viewer_made)), caught_by="members.members_are_changed_by_admins",
    ),
    Fault(
        "second_factor_is_not_asked_for", GROUP, "mfa",
        undone("mfa_methods", "verified_at"), caught_by="mfa.sign_in_needs_the_code",
    ),
    Fault(
        "any_code_will_do", GROUP, "mfa",
        Proxied(instead(COMPLETE, 401, 200, {})), caught_by="mfa.sign_in_needs_the_code",
    ),
    Fault(
        "recovery_codes_are_all_alike", GROUP, "mfa",
        Proxied(changed(f"POST {AUTH}/mfa/recovery/regenerate",
                        lambda _codes: {"codes": ["0000-0000", "1111-1111"]})),
        caught_by="mfa.recovery_codes_differ",
    ),
    Fault(
        "new_address_is_believed_at_once", GROUP, "email",
        undone("users", "email_verified", when="NEW.email_verified = 0"),
        caught_by="email.new_address_is_verified",
    ),
    Fault(
        "verification_does_nothing", GROUP, "email",
        Proxied(pretended(f"POST {AUTH}/email/verify", lambda _asked: (200, DONE))),
        caught_by="email.new_address_is_verified",
    ),
    Fault(
        "address_of_somebody_else_is_taken", GROUP, "email",
        Proxied(instead(CHANGE_ADDRESS, 409, 200, {})),
        caught_by="email.address_of_another_account_is_refused",
    ),
    Fault(
        "password_is_not_persisted", GROUP, "passwords",
        undone("users", "password_hash"), caught_by="passwords.changed_password_replaces_the_old",
    ),
    Fault(
        "short_password_is_taken", GROUP, "passwords",
        Proxied(instead(CHANGE, 422, 200, DONE)), caught_by="passwords.short_password_is_refused",
    ),
    Fault(
        "reset_by_mail_does_nothing", GROUP, "passwords",
        Proxied(pretended(f"POST {AUTH}/password/confirm", lambda _asked: (200, DONE))),
        caught_by="email.new_address_is_verified",
    ),
    Fault(
        "reset_by_mail_works_twice", GROUP, "passwords",
        Proxied(_works_twice),
        caught_by="passwords.forgotten_password_is_reset_once",
    ),
    Fault(
        "reset_by_admin_does_nothing", GROUP, "passwords",
        Proxied(pretended(f"POST {AUTH}/password/reset", lambda _asked: (200, DONE))),
        caught_by="passwords.admin_resets_a_password",
    ),
    Fault(
        "tenant_is_not_renamed", GROUP, "platform",
        Proxied(only_read(f"PATCH {PLATFORM}/{{tenant_id}}")),
        caught_by="platform.tenant_is_found_and_renamed",
    ),
    Fault(
        "entitlement_is_not_kept", GROUP, "platform",
        Proxied(only_read(f"PUT {PLATFORM}/{{tenant_id}}/features")),
        caught_by="platform.entitlement_is_kept",
    ),
    Fault(
        "owners_rule_over_tenants", GROUP, "platform",
        Proxied(instead(f"GET {PLATFORM}", 403, 200, {"accounts": [], "total": 0})),
        caught_by="platform.tenants_are_for_operators",
    ),
    Fault(
        "suspension_does_nothing", GROUP, "platform",
        Proxied(only_read(f"POST {PLATFORM}/{{tenant_id}}/suspend", up=1)),
        caught_by="platform.suspension_closes_a_tenant",
    ),
    Fault(
        "suspended_tenant_stays_open", GROUP, "platform",
        undone("tenants", "status", when="NEW.status = 'suspended'"),
        caught_by="platform.suspension_closes_a_tenant",
    ),
    Fault(
        "service_token_is_not_revoked", GROUP, "service accounts",
        undone("service_account_tokens", "revoked_at", "jti"),
        caught_by="service_accounts.revoked_token_is_over",
    ),
    Fault(
        "service_token_is_of_another_account", GROUP, "service accounts",
        Proxied(changed(f"POST {AUTH}/service-accounts/issue",
                        lambda row: {**row, "account": "somebody-else"})),
        caught_by="service_accounts.program_gets_a_token",
    ),
    Fault(
        "service_tokens_are_for_everyone", GROUP, "service accounts",
        Proxied(instead(TOKENS, 403, 200, {"items": [], "total": 0, "limit": 1, "offset": 0})),
        caught_by="service_accounts.tokens_are_for_admins",
    ),
    Fault(
        "sign_up_policy_contradicts_itself", GROUP, "signup",
        Proxied(changed(f"GET {AUTH}/signup-policy",
                        lambda row: {**row, "invite_required": not row["invite_required"]})),
        caught_by="signup.policy_is_consistent",
    ),
    Fault(
        "rejection_is_not_persisted", GROUP, "signup",
        undone("signup_requests", "status", when="NEW.status = 'rejected'"),
        caught_by="signup.rejected_request_is_listed_as_rejected",
    ),
    Fault(
        "approval_is_not_persisted", GROUP, "signup",
        undone("signup_requests", "status", when="NEW.status = 'approved'"),
        caught_by="signup.approved_request_makes_an_invite",
    ),
    Fault(
        "revoked_invite_is_called_expired", GROUP, "signup",
        Proxied(changed(f"GET {AUTH}/invites", _never_revoked)),
        caught_by="signup.revoked_invite_is_listed_as_revoked",
    ),
    Fault(
        "sign_up_requests_are_for_everyone", GROUP, "signup",
        Proxied(instead(REQUESTS, 403, 200, {"requests": [], "total": 0})),
        caught_by="signup.requests_and_invites_are_for_operators",
    ),
    Fault(
        "founder_owns_nothing", GROUP, "signup",
        Proxied(changed(REGISTER, lambda row: {**row, "tenant_id": row["user_id"]})),
        caught_by="platform.deprovisioned_tenant_stays_closed",
        why="the founder signs in to its tenant there, before its own check",
    ),
    Fault(
        "address_changes_without_the_password", GROUP, "email",
        Proxied(instead(CHANGE_ADDRESS, 401, 200, DONE)),
        caught_by="email.address_of_another_account_is_refused",
    ),
    Fault(
        "founder_is_an_admin", GROUP, "signup",
        InApp(rights.founder_is_an_admin()), caught_by="signup.founder_owns_a_tenant",
    ),
    Fault(
        "short_password_registers", GROUP, "signup",
        Proxied(instead(REGISTER, 422, 201, {})),
        caught_by="signup.short_password_registers_nothing",
    ),
    Fault(
        "consent_is_not_kept", GROUP, "users",
        ignored("consents", "INSERT"), caught_by="users.consent_is_kept",
    ),
    Fault(
        "preference_is_not_changed", GROUP, "users",
        undone("notification_preferences", "enabled"),
        caught_by="users.notification_preference_is_kept",
    ),
    Fault(
        "disabled_account_stays_open", GROUP, "users",
        undone("users", "disabled_at"), caught_by="users.disabled_account_is_closed",
    ),
    Fault(
        "viewers_are_called_members", GROUP, "users",
        Proxied(changed(USER, _promoted)), caught_by="users.each_actor_is_itself",
    ),
]  # fmt: skip
