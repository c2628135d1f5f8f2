"""A packed encoder of a few kilobytes, written here: the form that `appliance.models.packed` reads, random weights."""

import struct

import numpy as np

WIDTH, INNER, POSITIONS = 32, 64, 40
PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁wash", "▁hands", "▁query:", "▁passage:", "▁", "h", "a", "<mask>"]
READ_AS = {0x07: (), 0x200B: (0x20,), 0xFB01: (0x66, 0x69)}


def packed() -> bytes:
    """One layer, two heads, a dozen pieces."""
    random = np.random.default_rng(7)
    run = "".join(PIECES).encode()
    ends = np.cumsum([0] + [len(piece.encode()) for piece in PIECES]).astype("<u4")
    scores = np.array([0.0] * 4 + [-1.0 - number for number in range(len(PIECES) - 4)], "<f4")
    read = b"".join(struct.pack(f"<IB{len(by)}I", character, len(by), *by) for character, by in READ_AS.items())
    rows = len(PIECES)
    head = b"E5S1" + struct.pack("<I7ifi", 1, WIDTH, 1, 2, INNER, rows, POSITIONS, 2, 1e-12, 32)
    head += struct.pack("<5iQ", rows, 0, 2, 1, 3, len(run)) + ends.tobytes() + scores.tobytes() + run
    head += struct.pack("<iI", len(READ_AS), len(read)) + read
    tensors = {
        "emb.word": blocks(random, rows * WIDTH),
        "emb.pos": floats(random, POSITIONS * WIDTH),
        "emb.type": floats(random, 2 * WIDTH),
        **norm("emb.ln", WIDTH),
        **norm("l0.aln", WIDTH),
        **norm("l0.oln", WIDTH),
    }
    for short, outputs, inputs in (
        *(("q", WIDTH, WIDTH), ("k", WIDTH, WIDTH), ("v", WIDTH, WIDTH)),
        *(("ao", WIDTH, WIDTH), ("fi", INNER, WIDTH), ("fo", WIDTH, INNER)),
    ):
        tensors |= {f"l0.{short}.w": blocks(random, outputs * inputs), f"l0.{short}.b": floats(random, outputs)}
    return head + directory(tensors, len(head))


def directory(tensors: dict[str, tuple[int, int, bytes]], before: int) -> bytes:
    """The directory, and the tensors behind it."""
    at = before + 4 + sum(2 + len(name) + 21 for name in tensors)
    entries, data = struct.pack("<i", len(tensors)), b""
    for name, (kind, numbers, held) in tensors.items():
        entries += struct.pack("<H", len(name)) + name.encode() + struct.pack("<BIQQ", kind, numbers, at, len(held))
        at += len(held)
        data += held
    return entries + data


def floats(random: np.random.Generator, numbers: int) -> tuple[int, int, bytes]:
    return 0, numbers, random.normal(size=numbers).astype("<f4").tobytes()


def norm(name: str, numbers: int) -> dict[str, tuple[int, int, bytes]]:
    return {
        f"{name}.w": (0, numbers, np.ones(numbers, "<f4").tobytes()),
        f"{name}.b": (0, numbers, np.zeros(numbers, "<f4").tobytes()),
    }


def blocks(random: np.random.Generator, numbers: int) -> tuple[int, int, bytes]:
    held = np.zeros(numbers // 32, np.dtype([("scale", "<f2"), ("halves", "u1", 16)]))
    held["scale"] = 0.05
    held["halves"] = random.integers(0, 256, size=(len(held), 16))
    return 1, numbers, held.tobytes()
