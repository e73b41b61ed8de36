from __future__ import annotations

import pytest

from searchkit.errors import UsageError
from searchkit.tui.serve_gate import Gate, check_address, origins_of

HERE = "http://127.0.0.1:8000"


@pytest.fixture
def gate():
    return Gate(origins_of("127.0.0.1", 8000, None))


def refused(gate, *, host="127.0.0.1:8000", origin=HERE, cookie=None, must_have_origin=False):
    origins = [] if origin is None else [origin]
    return gate.refusal([host], origins, gate.cookie if cookie is None else cookie, must_have_origin=must_have_origin)


def test_the_page_itself_is_let_in(gate):
    assert refused(gate) is None
    assert refused(gate, origin=None) is None
    assert refused(gate, must_have_origin=True) is None
    assert refused(gate, host="LocalHost:8000", origin="http://localhost:8000") is None


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8000", "127.0.0.1", "127.0.0.1:80", "127.0.0.1:8000.evil.example", "", "[::1]:8000"],
)
def test_another_host_is_refused(gate, host):
    assert "not served here" in refused(gate, host=host, origin=None)


def test_no_host_or_two_are_refused(gate):
    assert gate.refusal([], [], gate.cookie)
    assert gate.refusal(["127.0.0.1:8000"] * 2, [], gate.cookie)


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "null", "", "https://127.0.0.1:8000", "http://127.0.0.1", HERE + "/", HERE + ".x"],
)
def test_another_origin_is_refused(gate, origin):
    assert "other addresses" in refused(gate, origin=origin)
    assert "other addresses" in refused(gate, origin="http://localhost:8000")


def test_a_websocket_says_its_origin_once(gate):
    assert refused(gate, origin=None, must_have_origin=True)
    assert gate.refusal(["127.0.0.1:8000"], [HERE, HERE], gate.cookie)


@pytest.mark.parametrize("cookie", ["", "x", "ü", "\udc80"])
def test_another_cookie_is_refused(gate, cookie):
    assert "printed" in refused(gate, cookie=cookie.encode("utf-8", "replace").decode())
    assert gate.refusal(["127.0.0.1:8000"], [], None)
    assert gate.refusal(["127.0.0.1:8000"], [], gate.token)


def test_the_token_is_good_for_one_browser(gate):
    assert not gate.admit("wrong", None)
    assert not gate.admit("wrong", gate.cookie)
    assert not gate.admit("", None)
    assert gate.admit(gate.token, None)
    assert not gate.admit(gate.token, None)
    assert gate.admit(gate.token, gate.cookie)
    assert gate.token != Gate(gate.origins).token
    assert len(gate.token) > 40


def test_the_address_has_the_token(gate):
    assert gate.address() == f"{HERE}/?token={gate.token}"


def test_origins():
    assert origins_of("::1", 80, None) == ("http://[::1]", "http://localhost")
    assert origins_of("localhost", 9, None) == ("http://localhost:9", "http://127.0.0.1:9")
    assert origins_of("0.0.0.0", 9, "https://x.example") == ("https://x.example",)  # noqa: S104 - behind a proxy


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_loopback_needs_no_proxy(host):
    assert check_address(host, None) is None


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "example.org", "", "127.0.0.1.evil.example"])  # noqa: S104 - as above
def test_other_addresses_need_a_proxy(host):
    with pytest.raises(UsageError, match="--tls-proxy"):
        check_address(host, None)
    assert check_address(host, "https://search.example.org/") == "https://search.example.org"


@pytest.mark.parametrize(
    "url", ["http://x.example", "https://", "x.example", "https://x/p", "https://x:y", "https://a@x", "https://x?q"]
)
def test_a_proxy_speaks_tls(url):
    with pytest.raises(UsageError, match="--tls-proxy"):
        check_address("127.0.0.1", url)


def test_a_proxy_has_its_port():
    assert check_address("127.0.0.1", "https://X.example:8443") == "https://x.example:8443"
    assert check_address("127.0.0.1", "https://x.example:443") == "https://x.example"
