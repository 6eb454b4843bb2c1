# ruff: noqa: T201
"""Damaged weight files by the thousand, read in worker processes: what comes of them.

    python -m tests.weights.mutations 100000

Each begins as a file of `samples` and is damaged where it hurts: bytes, lengths, offsets, shapes,
names in headers, members of archives, configuration, fields of ONNX's messages, HDF5's addresses.
A reading that ends well or with an error in words is as it should be; a worker that dies, hangs or
meets an error that no reader foresees is not. The same seed gives the same files.
"""

import io
import json
import re
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from gate_explorer.errors import ExplorerError
from gate_explorer.weights.worker import UNFORESEEN, Workers

from .samples import samples

SEED = 20261126
WRONG = re.compile(rf"ended over it|takes more than .* seconds|{UNFORESEEN}")
NUMBERS = (
    0,
    1,
    -1,
    2,
    3,
    127,
    255,
    2**15,
    2**16,
    2**31 - 1,
    2**31,
    2**32,
    2**40,
    2**63 - 1,
    -(2**63),
)
THINGS: tuple[Any, ...] = (
    None, "", "x", -1, 0, 2**63, 1e308, [], {}, [[]], {"a": []}, True, "F32", "lstm", [0],
    [2**31, 2**31], "LSTM", "softmax", [1, [2]], "\u0000",
)  # fmt: skip

Rng = np.random.Generator
Damage = Callable[[bytes, Rng], bytes]


@dataclass
class Report:
    """What came of a campaign: readings by how they ended, and the most memory a worker held."""

    ends: Counter[str] = field(default_factory=Counter)
    wrong: list[tuple[int, str, str]] = field(default_factory=list)
    slowest: float = 0.0
    peak: int = 0


def campaign(count: int, seed: int = SEED, seconds: float = 20.0, first: int = 0) -> Report:
    """Read so many damaged files, one after the other."""
    whole = samples()
    names = sorted(whole)
    report = Report()
    with Workers(1, seconds=seconds) as workers:
        for number in range(first, first + count):
            rng = np.random.default_rng((seed, number))
            name = names[number % len(names)]
            data = damaged(name, whole[name], rng)
            began = time.monotonic()
            try:
                workers.read(data)
                report.ends["opened"] += 1
            except ExplorerError as error:
                report.ends[type(error).__name__] += 1
                if WRONG.search(error.detail):
                    report.wrong.append((number, name, error.detail))
            report.slowest = max(report.slowest, time.monotonic() - began)
            report.peak = max([report.peak, *(peak_of(pid) for pid in workers.pids)])
    return report


def peak_of(pid: int) -> int:
    """The most memory that a process has held, in bytes."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) * 1024 if found else 0


def damaged(name: str, data: bytes, rng: Rng) -> bytes:
    """One file with one to four wounds, by its structure or blindly."""
    special = BY_ENDING.get(name[name.rindex(".") :])
    for _ in range(int(rng.integers(1, 5))):
        if special is None or rng.random() < 0.5:
            data = BLIND[int(rng.integers(len(BLIND)))](data, rng)
        else:
            data = special(data, rng)
    return data


def flip_bits(data: bytes, rng: Rng) -> bytes:
    return _edited(data, rng, lambda old: bytes([old[0] ^ (1 << int(rng.integers(8)))]), 1)


def random_bytes(data: bytes, rng: Rng) -> bytes:
    return _edited(data, rng, lambda old: rng.bytes(len(old)), int(rng.integers(1, 9)))


def extreme_field(data: bytes, rng: Rng) -> bytes:
    """A field of 1, 2, 4 or 8 bytes set to a number at the edge of what it holds."""
    width = int(rng.choice((1, 2, 4, 8)))
    number = int(NUMBERS[int(rng.integers(len(NUMBERS)))]) % 2 ** (8 * width)
    return _edited(data, rng, lambda old: number.to_bytes(width, "little")[: len(old)], width)


def nudged_field(data: bytes, rng: Rng) -> bytes:
    """A field of 8 bytes a little more or less than it was."""
    by = int(rng.integers(-9, 10))

    def nudge(old: bytes) -> bytes:
        number: int = (int.from_bytes(old, "little") + by) % 256 ** len(old)
        return number.to_bytes(len(old), "little")

    return _edited(data, rng, nudge, 8)


def cut_short(data: bytes, rng: Rng) -> bytes:
    return data[: int(rng.integers(len(data) + 1))]


def piece_moved(data: bytes, rng: Rng) -> bytes:
    """A piece of the file over another."""
    if len(data) < 2:
        return data
    source, target = (int(k) for k in rng.integers(0, len(data), 2))
    length = int(rng.integers(1, 65))
    piece = data[source : source + length]
    return data[:target] + piece + data[target + len(piece) :]


def piece_added(data: bytes, rng: Rng) -> bytes:
    at, source = (int(k) for k in rng.integers(0, len(data) + 1, 2))
    return data[:at] + data[source : source + int(rng.integers(1, 65))] + data[at:]


def piece_lost(data: bytes, rng: Rng) -> bytes:
    at = int(rng.integers(0, len(data) + 1))
    return data[:at] + data[at + int(rng.integers(1, 65)) :]


def _edited(data: bytes, rng: Rng, edit: Callable[[bytes], bytes], width: int) -> bytes:
    """A few bytes edited: half the time at the file's beginning or end, where headers are."""
    if len(data) < width or not data:
        return data
    span = min(len(data), 2048) if rng.random() < 0.5 else len(data)
    at = int(rng.integers(0, max(span - width, 0) + 1))
    if rng.random() < 0.2:
        at = len(data) - width - at
    at = min(max(at, 0), len(data) - width)
    return data[:at] + edit(data[at : at + width]) + data[at + width :]


BLIND: tuple[Damage, ...] = (
    flip_bits, random_bytes, extreme_field, nudged_field, cut_short, piece_moved, piece_added,
    piece_lost,
)  # fmt: skip


def in_json(data: bytes, rng: Rng) -> bytes:
    """A value somewhere in it replaced, removed, renamed or repeated."""
    try:
        whole = json.loads(data)
        places = list(_places(whole))
    except (ValueError, RecursionError):
        return flip_bits(data, rng)
    if not places:
        return data
    holder, key = places[int(rng.integers(len(places)))]
    match int(rng.integers(5)):
        case 0 if isinstance(holder, dict):
            holder[f"{key}x"] = holder.pop(key)
        case 1:
            del holder[key]
        case 2 if isinstance(holder[key], (int, float)):
            holder[key] = NUMBERS[int(rng.integers(len(NUMBERS)))]
        case 3 if isinstance(holder, list):
            holder.append(holder[key])
        case _:
            holder[key] = THINGS[int(rng.integers(len(THINGS)))]
    text: str = json.dumps(whole)
    if rng.random() < 0.05:
        text = text.replace(": ", ": [" * 5000, 1)
    if rng.random() < 0.1:
        text = text.replace("1", "NaN", 1)
    return text.encode()


def _places(value: Any) -> Any:
    """Every (holder, key) in nested lists and objects, of long lists the first few."""
    keys = list(value) if isinstance(value, dict) else range(min(len(value), 5))
    for key in keys:
        yield value, key
        if isinstance(value[key], (dict, list)):
            yield from _places(value[key])


def in_safetensors(data: bytes, rng: Rng) -> bytes:
    length = int.from_bytes(data[:8], "little")
    if not 0 < length < len(data):
        return flip_bits(data, rng)
    header, body = in_json(data[8 : 8 + length], rng), data[8 + length :]
    if rng.random() < 0.2:
        header = header.replace(b"}", b"," + header[1:40] + b"}", 1)
    return len(header).to_bytes(8, "little") + header + body


def in_zip(data: bytes, rng: Rng) -> bytes:
    """A member of the archive damaged by what it is, lost, renamed, doubled or blown up."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
    except Exception:  # an archive damaged before: blindly then
        return flip_bits(data, rng)
    if not members:
        return data
    name = list(members)[int(rng.integers(len(members)))]
    inner: Mapping[str, Damage] = {"json": in_json, "h5": in_hdf5, "npy": in_npy}
    match int(rng.integers(8)):
        case 0:
            members[f"{name}x"] = members.pop(name)
        case 1:
            del members[name]
        case 2:
            members[name] = bytes(2**21)
        case _:
            members[name] = inner.get(name.rsplit(".", 1)[-1], flip_bits)(members[name], rng)
    stream = io.BytesIO()
    packing = zipfile.ZIP_DEFLATED if rng.random() < 0.5 else zipfile.ZIP_STORED
    with zipfile.ZipFile(stream, "w", packing) as archive:
        for each, content in members.items():
            archive.writestr(each, content)
    return stream.getvalue()


def in_npy(data: bytes, rng: Rng) -> bytes:
    """Something of the header's literal replaced."""
    words = (
        b"'<f4'", b"'<f8'", b"'|O'", b"'<U9'", b"[('a','<f4')]", b"True", b"(9,)", b"(-1, 4)",
        b"()", b"(99999999999, 9999999999)", b"None", b"((((", b"'<f2'", b"'>f4'", b"'<c16'",
    )  # fmt: skip
    found = list(re.finditer(rb"'[<|>][^']*'|\([^()]*\)|True|False", data[:256]))
    if not found:
        return flip_bits(data, rng)
    at = found[int(rng.integers(len(found)))]
    word = words[int(rng.integers(len(words)))]
    return data[: at.start()] + word + data[at.end() :]


def in_hdf5(data: bytes, rng: Rng) -> bytes:
    """An address, a length or a signature of HDF5's blocks changed."""
    marks = [m.start() for m in re.finditer(rb"TREE|HEAP|SNOD|OHDR|GCOL|FRHP|BTHD|\x89HDF", data)]
    if not marks or rng.random() < 0.3:
        return extreme_field(data, rng)
    at = marks[int(rng.integers(len(marks)))] + int(rng.integers(0, 64))
    width = int(rng.choice((1, 2, 4, 8)))
    number = int(rng.choice((0, 1, at, len(data), 2**31 - 1, 255, at - 8)))
    if rng.random() < 0.5:
        number = int(marks[int(rng.integers(len(marks)))])
    new: bytes = (number % 256**width).to_bytes(width, "little")
    return data[:at] + new + data[at + width :]


def in_onnx(data: bytes, rng: Rng) -> bytes:
    """A field of the model changed, and the model written anew."""
    model = onnx.ModelProto()
    try:
        model.ParseFromString(data)
    except Exception:  # protobuf's own
        return flip_bits(data, rng)
    try:
        if model.graph.initializer and rng.random() < 0.5:
            _in_tensor(model, rng)
        elif model.graph.node:
            _in_node(model, rng)
    except UnicodeDecodeError:  # a name that was damaged before
        return flip_bits(data, rng)
    written: bytes = model.SerializeToString()
    return written


def _in_tensor(model: onnx.ModelProto, rng: Rng) -> None:
    arrays = model.graph.initializer
    tensor = arrays[int(rng.integers(len(arrays)))]
    match int(rng.integers(5)):
        case 0:
            tensor.dims[:] = [*tensor.dims, NUMBERS[int(rng.integers(len(NUMBERS)))]][1:]
        case 1:
            tensor.data_type = int(rng.integers(0, 30))
        case 2:
            tensor.raw_data = tensor.raw_data[: int(rng.integers(len(tensor.raw_data) + 1))]
        case 3:
            tensor.name = arrays[0].name
        case _:
            tensor.data_location = onnx.TensorProto.EXTERNAL


def _in_node(model: onnx.ModelProto, rng: Rng) -> None:
    nodes = model.graph.node
    node = nodes[int(rng.integers(len(nodes)))]
    match int(rng.integers(4)):
        case 0 if node.input:
            node.input[int(rng.integers(len(node.input)))] = node.output[0]
        case 1:
            node.op_type = str(rng.choice(["LSTM", "RNN", "GRU", "Concat", "Squeeze", "If"]))
        case 2 if node.attribute:
            number = NUMBERS[int(rng.integers(len(NUMBERS)))]
            node.attribute[int(rng.integers(len(node.attribute)))].i = number
        case _:
            nodes.extend([node])


BY_ENDING: Mapping[str, Damage] = {
    ".safetensors": in_safetensors,
    ".json": in_json,
    ".npz": in_zip,
    ".keras": in_zip,
    ".h5": in_hdf5,
    ".hdf5": in_hdf5,
    ".onnx": in_onnx,
}


def main(arguments: list[str]) -> None:
    """Run a campaign and print what came of it."""
    count = int(arguments[0]) if arguments else 2000
    began = time.monotonic()
    report = campaign(count)
    print(f"{count} files in {time.monotonic() - began:.0f} s, the slowest {report.slowest:.2f} s")
    print(", ".join(f"{name} {n}" for name, n in report.ends.most_common()))
    print(f"most memory {report.peak / 2**20:.0f} MB; what went wrong: {report.wrong}")


if __name__ == "__main__":
    main(sys.argv[1:])
