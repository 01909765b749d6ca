"""What the bench of peers is made of: the lag, the bare replay, and the file of its results."""

import asyncio

from tests.bench.lag import relay
from tests.bench.peers import Result
from tests.bench.peers_file import plot, read, text
from tests.bench.replay import learn, renamed
from tests.loopback import answer, listening

RESULTS = [
    Result("no round trip", "ours, quick", 159, 229, 5, 4.0, 2.0, 0),
    Result("no round trip", "bare replay of full", 160, 880, 12, 8.0, 1.0, 0),
    Result("no round trip", "st run -n 1", 77, 303, 0, 40.0, 8.0, 1),
]


def test_replay_sends_the_ids_that_this_service_gave() -> None:
    names: dict[bytes, bytes] = {}
    learn({"id": "first-id", "rows": [{"key": "old-key"}]}, {"id": "second-id"}, names)
    assert renamed(b"/things/first-id/old-key", names) == b"/things/second-id/old-key"


def test_longer_values_are_replaced_before_the_shorter_ones_in_them() -> None:
    names = {b"http://a": b"http://b", b"http://a/signed?x": b"http://b/signed?y"}
    assert renamed(b"http://a/signed?x", names) == b"http://b/signed?y"


async def test_lag_passes_everything_on_in_its_order() -> None:
    async with listening(answer(body=b"whole")) as service:
        server = await relay(service.url, 0.002)
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        assert (await reader.readuntil(b"whole")).startswith(b"HTTP/1.1 200")
        writer.close()
        server.close()


def test_table_has_ratios_to_the_floor_and_bad_ends() -> None:
    table = text(RESULTS)
    assert "| ours, quick | 159 | 229 | 5 | 4.0 s | 0.50 | 2.0 s |" in table
    assert "| st run -n 1 (exit 1) | 77 | 303 | 0 | 40.0 s | 5.00 | 8.0 s |" in table


def test_results_can_be_read_again() -> None:
    assert read(text(RESULTS)) == RESULTS


def test_plot_has_a_bar_for_each_result() -> None:
    picture = plot(RESULTS)
    assert picture.startswith("<svg")
    assert picture.count("<rect") == len(RESULTS) + 1
