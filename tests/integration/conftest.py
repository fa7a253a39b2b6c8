"""What every test of this folder shares. See support/ and ../servers/README.md."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
for folder in (HERE, HERE.parent / "servers"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

import pytest  # noqa: E402

from servers import up_or_skip  # noqa: E402
from support.dmlib import find_program  # noqa: E402


@pytest.fixture(scope="session", autouse=True)
def program():
    return find_program()


@pytest.fixture
def servers():
    """A function that starts a server; all of them go away at the end of the test."""
    started = []

    def start(kind, **settings):
        options = {k: settings.pop(k) for k in ("tls", "tz") if k in settings}
        server = up_or_skip(kind, settings=settings, **options)
        started.append(server)
        return server

    yield start
    for server in started:
        server.down()
