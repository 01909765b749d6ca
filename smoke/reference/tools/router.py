"""The tools that agents may use."""

from typing import Annotated

from fastapi import APIRouter, Depends

from .. import schemas
from ..agents.catalogue import tools_by_agent
from ..security.principals import Principal, signed_in

router = APIRouter(prefix="/api/v1/tools", tags=["tools"])
Reader = Annotated[Principal, Depends(signed_in(scope="tools:read"))]
_CATEGORIES = {"code_interpreter": "code", "file_search": "search", "web_search": "search"}


@router.get("")
async def list_available_tools(_reader: Reader) -> schemas.ToolCatalogResponse:
    per_agent = tools_by_agent()
    names = sorted({name for tools in per_agent.values() for name in tools})
    return schemas.ToolCatalogResponse(
        total_tools=len(names),
        tool_names=names,
        categories=sorted({_CATEGORIES[name] for name in names}),
        per_agent=per_agent,
    )
