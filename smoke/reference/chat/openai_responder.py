"""A model behind an OpenAI-compatible chat-completions endpoint."""

from collections.abc import Sequence
from typing import Any

import httpx

from ..agents.catalogue import Agent
from .responder import ModelError, Reply, Turn

_TIMEOUT_S = 60
_MOST_TOKENS = 512


class OpenAIResponder:
    """Asks `{base_url}/chat/completions` with the key as bearer."""

    def __init__(self, base_url: str, api_key: str, model: str) -> None:
        self._url = f"{base_url.rstrip('/')}/chat/completions"
        self._headers = {"Authorization": f"Bearer {api_key}"}
        self._model = model

    async def answer(self, agent: Agent, turns: Sequence[Turn], *, in_workflow: bool) -> Reply:  # noqa: ARG002  # a provider has its own pace
        """Answer the last turn; what the agent is for goes first, as the system's words.

        Raises:
            ModelError: the provider could not be reached, refused, or did not answer in its form.
        """
        system = {"role": "system", "content": f"You are {agent.display_name}. {agent.description}"}
        said = [{"role": turn.role, "content": turn.text} for turn in turns]
        body = {"model": self._model, "messages": [system, *said], "max_tokens": _MOST_TOKENS}
        try:
            async with httpx.AsyncClient(timeout=_TIMEOUT_S) as client:
                response = await client.post(self._url, json=body, headers=self._headers)
        except httpx.HTTPError as error:
            name = type(error).__name__
            raise ModelError(f"The model cannot be reached: {name}.", is_retryable=True) from error
        if response.status_code != 200:
            retryable = response.status_code == 429 or response.status_code >= 500
            said_no = f"The model refused: status {response.status_code}."
            raise ModelError(said_no, is_retryable=retryable)
        return self._reply(response)

    def _reply(self, response: httpx.Response) -> Reply:
        try:
            answer: dict[str, Any] = response.json()
            usage = answer.get("usage") or {}
            return Reply(
                text=str(answer["choices"][0]["message"]["content"] or ""),
                model=str(answer.get("model") or self._model),
                response_id=str(answer["id"]),
                input_tokens=int(usage.get("prompt_tokens") or 0),
                output_tokens=int(usage.get("completion_tokens") or 0),
            )
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            wrong = "The model's answer is not a chat completion."
            raise ModelError(wrong, is_retryable=False) from error
