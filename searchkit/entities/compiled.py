"""Compiled tables as one file of arrays: read in milliseconds, checked by a digest, and nothing in it is executed.

The file is a digest of all that follows it (16 bytes), the length of the directory (8 bytes, little-endian), the
directory (JSON: by name the type and the length of each array), and the arrays, each at a multiple of 64 bytes.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from typing import TYPE_CHECKING, Final

import numpy as np

from searchkit.kernels.folder import cache_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path
    from typing import TypeVar

    import numpy.typing as npt

    T = TypeVar("T")
    Array = npt.NDArray[np.generic]

_DIGEST: Final = 16
_HEAD: Final = _DIGEST + 8
_ALIGNED: Final = 64
_SUFFIX: Final = ".tables"
#: How many files stay: installations and versions side by side share a folder.
_KEPT: Final = 32


def pack(arrays: Mapping[str, Array]) -> bytes:
    """The arrays, each of one dimension, as the bytes of a file."""
    directory = json.dumps({name: [array.dtype.str, len(array)] for name, array in arrays.items()}).encode()
    parts = [len(directory).to_bytes(8, "little"), directory]
    size = _HEAD + len(directory)
    for array in arrays.values():
        parts += [bytes(-size % _ALIGNED), array.tobytes()]
        size += len(parts[-2]) + len(parts[-1])
    content = b"".join(parts)
    return _digest(content) + content


def unpack(content: bytes) -> dict[str, Array]:
    """The arrays that `pack` wrote, without a copy; ValueError where a byte is another."""
    if _digest(memoryview(content)[_DIGEST:]) != content[:_DIGEST]:
        raise ValueError("the digest is another")
    start = _HEAD + int.from_bytes(content[_DIGEST:_HEAD], "little")
    arrays: dict[str, Array] = {}
    for name, (kind, length) in json.loads(content[_HEAD:start]).items():
        start += -start % _ALIGNED
        arrays[name] = np.frombuffer(content, kind, length, start)
        start += arrays[name].nbytes
    return arrays


def text(lines: Iterable[str]) -> Array:
    """Lines as an array."""
    return np.frombuffer("\n".join(lines).encode(), np.uint8)


def lines(array: Array) -> list[str]:
    """The lines that `text` made an array of; none is the same as an empty one."""
    return array.tobytes().decode().split("\n")


def table(
    name: str, key: str, make: Callable[[], Mapping[str, Array]], folder: Path | None = None
) -> Mapping[str, Array]:
    """What `make` compiles, which depends on nothing but `key`; kept in `folder`, by default the user's."""
    folder = folder or cache_folder("tables")
    arrays = read(folder, f"{name}-{key}") if folder else None
    if arrays is None:
        arrays = dict(make())
        if folder:
            keep(folder, f"{name}-{key}", arrays)
    return arrays


def digest(files: Iterable[Path], start: str = "") -> str:
    """A name for the contents of files, in their order."""
    made = hashlib.blake2b(start.encode(), digest_size=_DIGEST)
    for file in files:
        content = file.read_bytes()
        made.update(len(content).to_bytes(8, "little"))
        made.update(content)
    return made.hexdigest()


def mapping(keys: Array, values: Iterable[T]) -> dict[str, T]:
    """Lines with their values; a key comes once."""
    return dict(zip(lines(keys), values, strict=True)) if len(keys) else {}


def read(folder: Path, name: str) -> dict[str, Array] | None:
    """The arrays kept under that name, or None where there are none that are whole."""
    try:
        return unpack((folder / (name + _SUFFIX)).read_bytes())
    except (OSError, ValueError):
        return None


def keep(folder: Path, name: str, arrays: Mapping[str, Array]) -> None:
    """Write arrays, whole or not at all, beside the last few written; done without where it cannot be."""
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        aside = folder / f"{name}.{os.getpid()}"
        aside.write_bytes(pack(arrays))
        aside.replace(folder / (name + _SUFFIX))
        for path in sorted(folder.glob("*" + _SUFFIX), key=lambda path: -path.stat().st_mtime)[_KEPT:]:
            path.unlink(missing_ok=True)


def _digest(content: bytes | memoryview) -> bytes:
    return hashlib.blake2b(content, digest_size=_DIGEST).digest()
