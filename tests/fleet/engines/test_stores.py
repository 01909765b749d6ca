"""Records come from stores by URL: a directory of one, a file of a web server."""

import tarfile
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.fleet.returned import came, fleet
from tests.fleet.test_merge import by_name, merge


def test_records_come_from_a_directory_of_a_store(tmp_path: Path) -> None:
    for name, word in (("a", "green"), ("b", "red")):
        came(tmp_path / "records", name, word)
    code, verdict = merge(tmp_path, fleet("a", "b"), f"file://{tmp_path}/records")
    assert (code, by_name(verdict)) == (1, {"a": "green", "b": "red"})


def test_archive_comes_from_a_web_server(tmp_path: Path) -> None:
    came(tmp_path / "one", "a", "green")
    with tarfile.open(tmp_path / "records.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "one", "records")
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        url = f"http://127.0.0.1:{server.server_address[1]}/records.tar.gz"
        code, verdict = merge(tmp_path, fleet("a"), url)
        server.shutdown()
        thread.join()
    assert (code, by_name(verdict)) == (0, {"a": "green"})
