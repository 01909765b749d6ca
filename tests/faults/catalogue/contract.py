"""Contract: answers do not say what the contract promises, or not in its shape."""

import json
from typing import Any

from tests.faults.catalogue.operations import (
    ACCOUNT,
    AGENT,
    AGENTS,
    DISCARD,
    EVERYTHING,
    LOGS,
    MEMBERS,
    PUT_SETTINGS,
    RUNS,
    UPLOAD,
    USER,
    WORKFLOW,
    WORKFLOWS,
)
from tests.faults.entries import Fault, Proxied
from tests.faults.interference import (
    Begin,
    asked_otherwise,
    body_changed,
    changed,
    header,
    instead,
    on,
    open_to_nobody,
    pretended,
    replied,
    status_changed,
)
from tests.faults.proxy import Answered, Asked, Forward, answer

GROUP = "contract"
RUN = {
    "workflow_run_id": "r", "workflow_key": "analysis_code", "status": "succeeded",
    "user_id": "00000000-0000-4000-8000-000000000000", "conversation_id": None, "step_count": 1,
    "duration_ms": 5, "final_output_text": "x", "started_at": "2026-01-01T00:00:00+00:00",
    "ended_at": "2026-01-01T00:00:01+00:00",
}  # fmt: skip


def _each(change: Any) -> Any:
    def items(page: Any) -> None:
        for item in page["items"]:
            change(item)

    return items


def _twice(page: Any) -> None:
    page["items"] += page["items"]


def _role_upper(me: Any) -> None:
    me["data"]["role"] = me["data"]["role"].upper()


def _one_role_for_all(page: Any) -> None:
    for row in page["members"]:
        row["role"] = "admin"


def _steps_off(detail: Any) -> None:
    detail["step_count"] += 1


def _other_errors(operation: str) -> Begin:
    """Errors in the words of another framework."""

    async def interfere(asked: Asked, forward: Forward) -> Answered:
        found = await forward(asked)
        return found if found.status < 400 else answer(found.status, {"err": "no", "code": 7})

    return on(operation, interfere)


def _named(asked: Asked) -> None:
    asked.body = json.dumps({"event": "unnamed", **(asked.json or {})}).encode()


async def _last_writer_wins(asked: Asked, forward: Forward) -> Answered:
    """Whatever version is named, it is taken for the present one."""
    if asked.header("if-match"):
        mine = [row for row in asked.headers if not row[0].lower().startswith(("content-", "if-"))]
        read = await forward(Asked("GET", asked.path, "", mine))
        version = (await read.json())["version"]
        asked.drop("if-match")
        asked.headers.append(("if-match", f'"{version}"'))
    return await forward(asked)


ENTRIES = [
    Fault(
        "agent_lacks_its_name", GROUP, "agents",
        Proxied(changed(AGENTS, _each(lambda item: item.pop("name")))),
        caught_by="agents.agents_are_listed_and_known",
    ),
    Fault(
        "no_agents", GROUP, "agents",
        Proxied(changed(AGENTS, lambda page: {**page, "items": [], "total": 0})),
        caught_by="agents.agents_are_listed_and_known",
    ),
    Fault(
        "agents_twice", GROUP, "agents",
        Proxied(changed(AGENTS, _twice)), caught_by="agents.agents_are_listed_and_known",
    ),
    Fault(
        "agent_status_is_of_another", GROUP, "agents",
        Proxied(changed(AGENT, lambda agent: {**agent, "name": "somebody-else"})),
        caught_by="agents.agents_are_listed_and_known",
    ),
    Fault(
        "unknown_agent_crashes", GROUP, "agents",
        Proxied(instead(AGENT, 404, 500, {"success": False, "error": "InternalServerError",
                                         "message": "KeyError", "details": None})),
        caught_by="agents.unknown_agent_is_not_found",
    ),
    Fault(
        "agents_speak_another_error", GROUP, "agents",
        Proxied(_other_errors(AGENT)), caught_by="agents.unknown_agent_is_not_found",
    ),
    Fault(
        "error_envelope_changed", GROUP, "auth",
        Proxied(_other_errors(EVERYTHING)), caught_by="auth.*",
        why="the first error a run asks for is that of a token or of a password",
    ),
    Fault(
        "log_is_taken_with_200", GROUP, "logs",
        Proxied(status_changed(LOGS, 200, of=202)), caught_by="logs.log_event_is_accepted",
    ),
    Fault(
        "log_is_taken_but_not_accepted", GROUP, "logs",
        Proxied(pretended(LOGS, lambda _asked: (202, {"accepted": False}))),
        caught_by="logs.log_event_is_accepted",
    ),
    Fault(
        "logs_without_event_are_taken", GROUP, "logs",
        Proxied(asked_otherwise(LOGS, _named)),
        caught_by="logs.log_event_without_name_is_refused",
    ),
    Fault(
        "logs_of_nobody_are_taken", GROUP, "logs",
        Proxied(open_to_nobody(LOGS, {"accepted": True})),
        caught_by="logs.log_event_of_anonymous_is_refused",
    ),
    Fault(
        "upload_answers_200", GROUP, "storage",
        Proxied(status_changed(UPLOAD, 200, of=201)), caught_by="storage.bytes_come_back",
    ),
    Fault(
        "delete_answers_200", GROUP, "storage",
        Proxied(status_changed(DISCARD, 200, of=204)), caught_by="storage.bytes_come_back",
    ),
    Fault(
        "json_is_called_text", GROUP, "workflows",
        Proxied(header(WORKFLOWS, "content-type", "text/plain")),
        caught_by="workflows.workflows_are_listed_and_known",
    ),
    Fault(
        "json_is_followed_by_rubbish", GROUP, "workflows",
        Proxied(body_changed(WORKFLOWS, lambda body: body + b"}")),
        caught_by="workflows.workflows_are_listed_and_known",
    ),
    Fault(
        "json_is_not_utf_8", GROUP, "agents",
        Proxied(body_changed(AGENTS, lambda body: body[:-1] + b', "x": "\xe9"}')),
        caught_by="agents.agents_are_listed_and_known",
    ),
    Fault(
        "no_workflows", GROUP, "workflows",
        Proxied(changed(WORKFLOWS, lambda page: {**page, "items": [], "total": 0})),
        caught_by="workflows.workflows_are_listed_and_known",
    ),
    Fault(
        "workflow_counts_its_steps_wrongly", GROUP, "workflows",
        Proxied(changed(WORKFLOW, _steps_off)),
        caught_by="workflows.workflows_are_listed_and_known",
    ),
    Fault(
        "unknown_workflow_is_the_default", GROUP, "workflows",
        Proxied(instead(WORKFLOW, 404, 200, {
            "key": "default", "display_name": "Default", "description": "", "default": True,
            "allow_handoff_agents": False, "step_count": 0, "stages": []})),
        caught_by="workflows.unknown_workflow_is_not_found",
    ),
    Fault(
        "runs_twice", GROUP, "workflows",
        Proxied(changed(RUNS, lambda page: {**page, "items": [RUN, RUN]})),
        caught_by="workflows.runs_are_listed_once",
    ),
    Fault(
        "run_status_renamed", GROUP, "workflows",
        Proxied(changed(RUNS, lambda _page: {"items": [
            {**RUN, "status": "COMPLETED"}], "next_cursor": None})),
        caught_by="workflows.runs_are_listed_once",
    ),
    Fault(
        "role_is_renamed", GROUP, "users",
        Proxied(changed(USER, _role_upper)), caught_by="email.*",
        why="the owner of an address is read from the user, and e-mail is looked at before users",
    ),
    Fault(
        "members_all_have_one_role", GROUP, "tenants",
        Proxied(changed(MEMBERS, _one_role_for_all)),
        caught_by="tenants.members_have_their_roles",
    ),
    Fault(
        "account_answers_only_its_name", GROUP, "tenants",
        Proxied(changed(ACCOUNT, lambda account: {"name": account["name"]})),
        caught_by="tenants.account_name_is_kept",
    ),
    Fault(
        "stale_settings_overwrite", GROUP, "tenants",
        Proxied(on(PUT_SETTINGS, _last_writer_wins)),
        caught_by="tenants.settings_keep_a_change",
    ),
    Fault(
        "settings_need_no_version", GROUP, "tenants",
        Proxied(instead(PUT_SETTINGS, 428, 200, {})), caught_by="tenants.settings_lose_no_change",
    ),
    Fault(
        "users_not_implemented", GROUP, "users",
        Proxied(replied(USER, 501, {"success": False, "error": "HTTPException",
                                    "message": "later", "details": None})),
        caught_by="email.*",
        why="the owner of an address is read from the user, and e-mail is looked at before users",
    ),
]  # fmt: skip
