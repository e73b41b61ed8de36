"""The folder of what is compiled."""

from __future__ import annotations

import stat

from searchkit.kernels import folder


def test_the_cache_is_the_users_own(tmp_path, monkeypatch):
    monkeypatch.setattr("platformdirs.user_cache_path", lambda _: tmp_path / "cache")
    found = folder.cache_folder("numba")
    assert found == tmp_path / "cache" / "numba"
    assert stat.S_IMODE(found.stat().st_mode) == 0o700


def test_where_the_users_cache_cannot_be_written_another_folder_is_found(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setattr("platformdirs.user_cache_path", lambda _: tmp_path / "file")
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    assert folder.cache_folder("numba").parent == tmp_path
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path / "file"))
    assert folder.cache_folder("numba") is None
