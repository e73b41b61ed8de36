"""Who may come in: the checks on every request to `searchkit serve`, apart from any web framework.

Another page in the same browser must not reach the server (Origin), nor one whose name was made to point here (Host,
against DNS rebinding), and nobody without the address that was printed: it bears a token that is good for one visit,
which is exchanged for a cookie.
"""

from __future__ import annotations

import ipaddress
import secrets
from hmac import compare_digest
from typing import Final
from urllib.parse import urlsplit

from searchkit.errors import UsageError

#: Bytes of randomness in the token and in the cookie.
STRENGTH: Final = 32


class Gate:
    """Lets in who bears the token (once) or the cookie, under one of `origins` (`http://127.0.0.1:8000`)."""

    def __init__(self, origins: tuple[str, ...]) -> None:
        self.origins = origins
        self.token = secrets.token_urlsafe(STRENGTH)
        self.cookie = secrets.token_urlsafe(STRENGTH)
        self._spent = False

    @property
    def hosts(self) -> tuple[str, ...]:
        """What a request may name as its Host."""
        return tuple(urlsplit(origin).netloc for origin in self.origins)

    def address(self) -> str:
        """The address to be opened, with the token."""
        return f"{self.origins[0]}/?token={self.token}"

    def refusal(
        self, hosts: list[str], origins: list[str], cookie: str | None, *, must_have_origin: bool = False
    ) -> str | None:
        """Why a request is refused, None if it is not. `hosts` and `origins` are all headers of that name."""
        if len(hosts) != 1 or hosts[0].lower() not in self.hosts:
            return f"This address is not served here: open {' or '.join(self.origins)}."
        if len(origins) > 1 or (must_have_origin and not origins):
            return "A request of a page says where the page is from (Origin)."
        # One browser may have the page under one name only: a page of `localhost` does not speak for `127.0.0.1`.
        if origins and (origins[0] not in self.origins or urlsplit(origins[0]).netloc != hosts[0].lower()):
            return "Pages of other addresses may not use this one."
        if not self._known(cookie):
            return "Open the address that `searchkit serve` printed; it is good for one browser."
        return None

    def admit(self, token: str, cookie: str | None) -> bool:
        """Whether `token` lets in: once, and later whoever has come in by it (a page that is loaded again)."""
        if not compare_digest(token.encode(), self.token.encode()):
            return False
        if self._spent:
            return self._known(cookie)
        self._spent = True
        return True

    def _known(self, cookie: str | None) -> bool:
        return cookie is not None and compare_digest(cookie.encode(), self.cookie.encode())


def origins_of(host: str, port: int, public: str | None) -> tuple[str, ...]:
    """The origins under which a server at `host` and `port` is reached: `public` (behind a proxy), else loopback's."""
    if public is not None:
        return (public,)
    shown = f"[{host}]" if ":" in host else host
    names = dict.fromkeys((shown, "127.0.0.1" if host == "localhost" else "localhost"))
    return tuple(f"http://{name}{'' if port == 80 else f':{port}'}" for name in names)


def check_address(host: str, tls_proxy: str | None) -> str | None:
    """The origin behind a TLS proxy, if there is one. Raises `UsageError` for what would show the texts to others."""
    if tls_proxy is None:
        if not _is_loopback(host):
            raise UsageError(
                f"{host} can be reached by others, who would read along: "
                "serve on 127.0.0.1, or behind a proxy that speaks TLS, named with --tls-proxy https://NAME"
            )
        return None
    try:
        parts = urlsplit(tls_proxy)
        port = parts.port
    except ValueError:
        raise UsageError(f"--tls-proxy {tls_proxy}: this is no address; https://NAME or https://NAME:PORT is") from None
    if parts.scheme != "https" or not parts.hostname or parts.path not in ("", "/") or parts.query or parts.username:
        raise UsageError(f"--tls-proxy {tls_proxy}: give https://NAME or https://NAME:PORT, without a path")
    return f"https://{parts.hostname}{'' if port in (None, 443) else f':{port}'}"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
