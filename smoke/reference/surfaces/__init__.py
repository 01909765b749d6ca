"""
The surfaces, one module each; a module has a `router` and nothing else that others need.

To add one:

1. write its tables in `tables/<surface>.py` (made at start where missing);
2. write `surfaces/<surface>.py` with `router = APIRouter(prefix="/api/v1/…", tags=["…"])`;
3. add one line to `SURFACES` in `app.py`; literal paths go before `/{id}` paths.

A handler is named like its operation, takes its caller from one dependency and the database from
`Session`, and refuses by raising a `Refusal`:

    Member = Annotated[Caller, Depends(in_tenant(TenantRole.MEMBER, feature=Feature.AI))]

    @router.post("/things", status_code=201)
    async def create_thing(caller: Member, body: ThingRequest, session: Session) -> ThingResponse:
        thing = Thing(tenant_id=caller.tenant_id, name=body.name)
        session.add(thing)
        record_activity(session, caller.tenant_id, caller.user_id, "thing.created")
        return thing_view(thing)

`Session` reads for GET and writes otherwise; it is committed before the answer leaves. Slow work
(password hashing, calls to others) comes before its first statement, or opens
`service.database.writing()` itself, for as short as possible.
"""
