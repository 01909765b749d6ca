"""Everything hangs: the run waits for what never comes, and must end all the same."""

from tests.faults import silence
from tests.faults.catalogue.operations import API, CONVERSATIONS, EVERYTHING, SEED, TOKEN
from tests.faults.editing import checks
from tests.faults.entries import Hang, Proxied, Setting, Sockets
from tests.faults.flow import dripping, hanging
from tests.faults.interference import every, once

ENDLESS = '''
    """A check that waits for what never happens."""

    import asyncio


    async def test_everything() -> None:
        """Everything is well."""
        await asyncio.Event().wait()
'''
SILENT_NAMES = '''
    """A check of a machine without a name server that answers: the resolver gives up at last."""

    import socket
    import time

    from smoke import Caller
    from smoke import Expect


    def unresolved(*_words: object, **_named: object) -> None:
        time.sleep(20)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")


    socket.getaddrinfo = unresolved


    async def test_everything(anonymous: Caller, expect: Expect) -> None:
        """Everything is well."""
        expect(await anonymous.call("GET /health"))
'''
EVERY_REQUEST = hanging(EVERYTHING)
MIDDLE = once(CONVERSATIONS, EVERY_REQUEST)

ENTRIES = [
    Hang("hangs_from_the_start", Proxied(EVERY_REQUEST)),
    Hang("hangs_once_it_is_seeded", Proxied(once(SEED, EVERY_REQUEST))),
    Hang("hangs_once_somebody_is_signed_in", Proxied(once(TOKEN, EVERY_REQUEST))),
    Hang("hangs_in_the_middle", Proxied(MIDDLE)),
    Hang("hangs_in_the_middle_with_the_usual_deadline", Proxied(MIDDLE), deadline_s=120),
    Hang("hangs_now_and_then", Proxied(every(40, API, hanging(API)))),
    Hang("drips_in_the_middle", Proxied(once(CONVERSATIONS, dripping(EVERYTHING)))),
    Hang("accepts_and_never_answers", Sockets(silence.mute)),
    Hang("never_accepts", Sockets(silence.unaccepted)),
    Hang("headers_drip", Sockets(silence.slow_headers)),
    Hang("bodies_drip", Sockets(silence.slow_body)),
    Hang("check_never_ends", setting=Setting(edit=checks(ENDLESS))),
    Hang("name_server_is_silent", deadline_s=30, setting=Setting(
        edit=checks(SILENT_NAMES), base_url="http://smoke.invalid",
        variables={"SMOKE_USER_PASSWORD": "Nobodys-password-1"})),
]  # fmt: skip
