"""A disk that forgets: which states of a folder a power loss may leave behind.

POSIX promises no more than this: what was written to a file is there after `fsync` of the file, and a name (made,
renamed or removed) after `fsync` of its folder. Everything else may be there, in part, wrong, or not at all
(Pillai and others, All File Systems Are Not Created Equal, OSDI 2014).
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from power_loss.calls import Operation

#: What becomes of that which was not made durable.
MODELS = ("keep", "drop", "zero", "halve", "flip")


@dataclass(eq=False)
class File:
    """A file: its durable bytes, and writes and truncations since."""

    durable: bytes = b""
    pending: list[Operation] = field(default_factory=list)

    def live(self) -> bytes:
        """What a program that runs would read."""
        return _applied(self.durable, self.pending)


@dataclass(eq=False)
class Folder:
    """A folder: its durable names, and changes of names since. A change is names -> what they stand for, None gone."""

    durable: dict[str, File | Folder] = field(default_factory=dict)
    pending: list[dict[str, File | Folder | None]] = field(default_factory=list)

    def live(self) -> dict[str, File | Folder]:
        """The names that a running program sees."""
        return _renamed(self.durable, self.pending)


class Disk:
    """The state of `root` after some operations."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._top = Folder()

    def apply(self, operation: Operation) -> None:
        """Do one operation."""
        if operation.kind == "ack":
            return
        if operation.kind in {"create", "folder"}:
            if operation.path != self._root:
                folder, name = self._at(operation.path)
                folder.pending.append({name: File() if operation.kind == "create" else Folder()})
        elif operation.kind == "unlink":
            folder, name = self._at(operation.path)
            folder.pending.append({name: None})
        elif operation.kind == "rename":
            folder, name = self._at(operation.path)
            other, target = self._at(operation.target)
            if folder is not other:
                raise ValueError(f"a rename between folders is not modelled: {operation.path}")
            folder.pending.append({target: folder.live()[name], name: None})
        else:
            self._to_content(operation)

    def _to_content(self, operation: Operation) -> None:
        node = self._node(operation.path)
        if isinstance(node, Folder) or operation.kind == "sync":
            node.durable, node.pending = node.live(), []
        else:
            node.pending.append(operation)

    def _at(self, path: str) -> tuple[Folder, str]:
        parent, _, name = path.rpartition("/")
        folder = self._node(parent)
        assert isinstance(folder, Folder)
        return folder, name

    def _node(self, path: str) -> File | Folder:
        node: File | Folder = self._top
        for name in path.removeprefix(self._root).strip("/").split("/"):
            if name:
                assert isinstance(node, Folder)
                node = node.live()[name]
        return node

    def after_power_loss(self, model: str, chance: random.Random, target: Path) -> None:
        """Write into `target` what may be found when the power comes back."""
        _write(self._top, model, chance, target)


def _write(folder: Folder, model: str, chance: random.Random, target: Path) -> None:
    target.mkdir(exist_ok=True)
    pending = folder.pending
    if model == "drop":
        pending = []
    elif model == "flip":
        pending = [change for change in pending if chance.random() < 0.5]
    for name, node in _renamed(folder.durable, pending).items():
        if isinstance(node, Folder):
            _write(node, model, chance, target / name)
        else:
            (target / name).write_bytes(_lost(node, model, chance))


def _lost(file: File, model: str, chance: random.Random) -> bytes:
    match model:
        case "keep":
            return file.live()
        case "drop":
            return file.durable
        case "zero":
            return _applied(file.durable, (_with(one, bytes(len(one.data))) for one in file.pending))
        case "halve":
            return _applied(file.durable, (_with(one, one.data[: len(one.data) // 2]) for one in file.pending))
        case _:
            kept = (one for one in file.pending if chance.random() < 0.5)
            return _applied(file.durable, (_with(one, _flipped(one.data, chance)) for one in kept))


def _with(operation: Operation, data: bytes) -> Operation:
    return Operation(operation.kind, operation.path, offset=operation.offset, data=data)


def _flipped(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(1 + len(data) // 4096 if data else 0):
        changed[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _applied(content: bytes, pending: Iterable[Operation]) -> bytes:
    result = bytearray(content)
    for one in pending:
        if one.kind == "truncate":
            result = result[: one.offset].ljust(one.offset, b"\0")
        else:
            result.extend(bytes(max(0, one.offset - len(result))))
            result[one.offset : one.offset + len(one.data)] = one.data
    return bytes(result)


def _renamed(
    names: dict[str, File | Folder], changes: Iterable[dict[str, File | Folder | None]]
) -> dict[str, File | Folder]:
    result = dict(names)
    for change in changes:
        for name, node in change.items():
            if node is None:
                result.pop(name, None)
            else:
                result[name] = node
    return result
