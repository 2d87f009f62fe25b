#!/usr/bin/env python3
"""make_best_model.py FAST.traineddata OUT.traineddata: the same model with floating-point weights.

Debian has no "best" models to test with. A "fast" one whose integers are multiplied out has their
form and reads nearly the same text, by libtesseract and by us.
"""
import struct
import sys

NETWORK = 17  # the part of the file
INTEGER_FLAG = 1  # of the training flags, and of a matrix's mode


class Rewriter:
    def __init__(self, data):
        self.data, self.at, self.out = data, 0, bytearray()

    def copy(self, size):
        piece = self.data[self.at:self.at + size]
        assert len(piece) == size, "cut short"
        self.at += size
        self.out += piece
        return piece

    def number(self, form):
        return struct.unpack("<" + form, self.copy(struct.calcsize("<" + form)))[0]

    def text(self):
        return self.copy(self.number("I")).decode()

    def matrix(self):
        mode, rows, columns, _ = struct.unpack_from("<BIIb", self.data, self.at)
        assert mode & INTEGER_FLAG, "the weights are no integers"
        self.at += 10
        values = struct.unpack_from(f"<{rows * columns}b", self.data, self.at)
        self.at += rows * columns
        count = struct.unpack_from("<I", self.data, self.at)[0]
        scales = struct.unpack_from(f"<{count}d", self.data, self.at + 4)
        self.at += 4 + 8 * count
        self.out += struct.pack("<BIId", mode & ~INTEGER_FLAG, rows, columns, 0.0)
        self.out += struct.pack(f"<{rows * columns}d",
                                *(value * scales[i // columns] for i, value in enumerate(values)))

    def layer(self):
        assert self.number("b") == 0
        kind = self.text()
        self.copy(2)
        flags, inputs, outputs, _ = (self.number("i") for _ in range(4))
        self.text()
        if kind == "Input":
            self.copy(20)
        elif kind in ("Convolve", "Maxpool", "Reconfig"):
            self.copy(8)
        elif kind in ("Series", "RTLReversed", "XYTranspose"):
            for _ in range(self.number("I")):
                self.layer()
            if flags & 64:
                self.copy(4 * self.number("I"))
        elif kind in ("LSTM", "SummLSTM"):
            self.number("i")
            for _ in range(4):
                self.matrix()
        elif kind in ("Tanh", "Softmax"):
            self.matrix()
        else:
            sys.exit(f"a layer of the type {kind}")

    def part(self):
        self.layer()
        self.text()
        flags = struct.unpack_from("<i", self.data, self.at)[0]
        self.at += 4
        self.out += struct.pack("<i", flags & ~INTEGER_FLAG)
        return bytes(self.out) + self.data[self.at:]


def main(source, target):
    with open(source, "rb") as file:
        data = file.read()
    count = struct.unpack_from("<i", data)[0]
    offsets = struct.unpack_from(f"<{count}q", data, 4)
    ends = sorted([offset for offset in offsets if offset >= 0] + [len(data)])
    parts = [data[o:ends[ends.index(o) + 1]] if o >= 0 else None for o in offsets]
    parts[NETWORK] = Rewriter(parts[NETWORK]).part()
    at = 4 + 8 * count
    with open(target, "wb") as file:
        file.write(struct.pack("<i", count))
        for part in parts:
            file.write(struct.pack("<q", -1 if part is None else at))
            at += len(part or b"")
        for part in parts:
            file.write(part or b"")


if len(sys.argv) != 3:
    sys.exit(__doc__)
main(sys.argv[1], sys.argv[2])
