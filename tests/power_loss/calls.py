"""What a program did to the files of one folder, read from a system-call trace of it.

The trace is strace's (`-f -y -xx`): every call with the paths of its handles and all bytes in hexadecimal. Only calls
that change files, make them durable, or acknowledge something to the world outside are kept.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

CALLS = (
    "open,openat,creat,close,dup,dup2,dup3,lseek,read,write,writev,pwrite64,pwritev,truncate,ftruncate,fsync,fdatasync,"
    "rename,renameat,renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat,rmdir,mkdir,mkdirat,mmap,fallocate,"
    "copy_file_range,sendfile"
)
_NAMING = {
    **dict.fromkeys(("rename", "renameat", "renameat2"), "rename"),
    **dict.fromkeys(("mkdir", "mkdirat"), "folder"),
    **dict.fromkeys(("unlink", "unlinkat", "rmdir"), "unlink"),
}

_LINE = re.compile(r"^\d+ +(?P<name>\w+)\((?P<arguments>.*)\) += (?P<result>-?\d+|0x[0-9a-f]+)(?P<rest>.*)$")
_ARGUMENT = re.compile(r'"(?:[^"\\]|\\.)*"|\d+<[^>]*>|AT_FDCWD<[^>]*>|[^,]+')


@dataclass(frozen=True, slots=True)
class Operation:
    """One step. `kind` is `write`, `truncate`, `create`, `folder`, `rename`, `unlink`, `sync` or `ack`.

    `path` and `target` (of a rename) lie in the folder; `data` belongs at `offset` of a write, and is the text of an
    acknowledgement; a truncation leaves `offset` bytes.
    """

    kind: str
    path: str = ""
    target: str = ""
    offset: int = 0
    data: bytes = b""


def record(command: Sequence[str], folder: Path, log: Path) -> list[Operation]:
    """Run a command under strace; what it did in `folder`, and the lines `ack …` that it wrote to standard error."""
    # The environment: a second thread would only blur the order of calls.
    environment = {**os.environ, "SEARCHKIT_NUMBA": "0", "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    strace = ["strace", "-f", "-y", "-xx", "-s", "100000000", "-e", f"trace={CALLS}", "-e", "signal=none"]
    environment["PYTHONPATH"] = os.pathsep.join(sys.path)
    subprocess.run([*strace, "-o", str(log), *command], check=True, env=environment, capture_output=True)
    return list(operations(log.read_text("ascii").splitlines(), str(folder)))


def operations(lines: Iterable[str], folder: str) -> Iterator[Operation]:
    """The operations of a trace in their order."""
    reader = _Reader(folder)
    for line in _whole(lines):
        match = _LINE.match(line)
        if match and not match["result"].startswith("-"):
            yield from reader.operation(_Call(match))


class _Call:
    """One call that succeeded."""

    def __init__(self, match: re.Match[str]) -> None:
        self.name, self.text, self.result = match["name"], match["arguments"], int(match["result"], 0)
        self.arguments = [one.strip() for one in _ARGUMENT.findall(self.text)]
        self.opened = _path(match["rest"])  # what a new handle stands for
        handle = re.match(r"(\d+)<", self.arguments[0]) if self.arguments else None
        self.handle = int(handle[1]) if handle else -1
        self.path = _path(self.arguments[0]) if handle else ""

    def named(self) -> list[str]:
        """The paths that are arguments, each joined with the folder that the handle before it stands for."""
        paths, base = [], Path.cwd()
        for argument in self.arguments:
            if argument.startswith('"'):
                paths.append(str(base / os.fsdecode(_bytes(argument))))
            elif "<" in argument:
                base = Path(_path(argument))
        return paths


class _Reader:
    """Follows where each handle stands, and how long each file is: a `write` does not say where it writes."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._places: dict[int, int] = {}
        self._appending: set[int] = set()
        self._sizes: dict[str, int] = {}

    def operation(self, call: _Call) -> Iterator[Operation]:
        """What a call did in the folder, if anything."""
        if call.name == "write" and call.handle == 2:
            told = _bytes(call.arguments[1])
            if told.startswith(b"ack "):
                yield Operation("ack", data=told[4:].strip())
        elif call.name in {"open", "openat", "creat"}:
            yield from self._open(call)
        elif call.name in _NAMING:
            yield from self._rename(call)
        elif call.name == "lseek":
            self._places[call.handle] = call.result
        elif call.name == "read":
            self._places[call.handle] = self._places.get(call.handle, 0) + call.result
        elif call.name == "mmap":
            if "MAP_SHARED" in call.text and "PROT_WRITE" in call.text and self._has(_path(call.text)):
                raise ValueError(f"writes through a shared mapping cannot be traced: {call.text[:200]}")
        elif self._has(call.path):
            yield from self._content(call)

    def _has(self, path: str) -> bool:
        inside = path == self._folder or path.startswith(self._folder + "/")
        return inside and not path.endswith("(deleted)")

    def _open(self, call: _Call) -> Iterator[Operation]:
        self._places[call.result] = 0
        self._appending.discard(call.result)
        if not self._has(call.opened) or "O_DIRECTORY" in call.text:
            return
        if "O_APPEND" in call.text:
            self._appending.add(call.result)
        if "O_CREAT" in call.text and call.opened not in self._sizes:
            self._sizes[call.opened] = 0
            yield Operation("create", call.opened)
        elif "O_TRUNC" in call.text:
            self._sizes[call.opened] = 0
            yield Operation("truncate", call.opened)

    def _rename(self, call: _Call) -> Iterator[Operation]:
        path, *targets = call.named()
        if not self._has(path):
            return
        size = self._sizes.pop(path, 0)
        if targets:
            self._sizes[targets[0]] = size
        yield Operation(_NAMING[call.name], path, *targets)

    def _content(self, call: _Call) -> Iterator[Operation]:
        if call.name in {"fsync", "fdatasync"}:
            yield Operation("sync", call.path)
        elif call.name == "ftruncate":
            self._sizes[call.path] = int(call.arguments[1])
            yield Operation("truncate", call.path, offset=self._sizes[call.path])
        elif call.name in {"write", "pwrite64"}:
            size = self._sizes.get(call.path, 0)
            if call.name == "pwrite64":
                offset = int(call.arguments[3])
            else:
                offset = size if call.handle in self._appending else self._places.get(call.handle, 0)
                self._places[call.handle] = offset + call.result
            self._sizes[call.path] = max(size, offset + call.result)
            yield Operation("write", call.path, offset=offset, data=_bytes(call.arguments[1])[: call.result])
        elif call.name != "close":
            raise ValueError(f"a call that is not modelled: {call.name} {call.text[:200]}")


def _whole(lines: Iterable[str]) -> Iterator[str]:
    """Calls that another thread interrupted, put together where they end."""
    begun: dict[str, str] = {}
    for line in lines:
        process = line.partition(" ")[0]
        if line.endswith("<unfinished ...>"):
            begun[process] = line.removesuffix("<unfinished ...>").rstrip()
        elif "<... " in line and " resumed>" in line:
            yield begun.pop(process) + line.partition(" resumed>")[2]
        else:
            yield line


def _path(text: str) -> str:
    """The path in angle brackets, which is in hexadecimal."""
    found = re.search(r"<((?:\\x[0-9a-f]{2})+)(\(deleted\))?>", text)
    return os.fsdecode(_bytes(found[1])) + (found[2] or "") if found else ""


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.strip('"').replace("\\x", ""))
