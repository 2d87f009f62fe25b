"""Serialises PDF objects, for documents that tests create on the fly. Standard library only."""
import hashlib
import struct


def pdf(objects, root=1, trailer=b""):
    """A PDF of these object bodies, numbered from 1; `root` is the catalogue."""
    out = bytearray(b"%PDF-1.7\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer << /Size %d /Root %d 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1, root, trailer, start)
    return bytes(out)


_PADDING = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")


def _rc4(key, data):
    box = list(range(256))
    j = 0
    for i in range(256):
        j = (j + box[i] + key[i % len(key)]) % 256
        box[i], box[j] = box[j], box[i]
    out = bytearray()
    i = j = 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + box[i]) % 256
        box[i], box[j] = box[j], box[i]
        out.append(byte ^ box[(box[i] + box[j]) % 256])
    return bytes(out)


class Encryption:
    """The first standard security handler (PDF 1.7, 7.6.3: revision 2, RC4 of 40 bits). Convenient
    for tests: it needs just a digest and a few lines of RC4, and every reader supports it."""

    PERMISSIONS = -4
    ID = b"0123456789abcdef"

    def __init__(self, password):
        padded = (password.encode() + _PADDING)[:32]
        self.owner = _rc4(hashlib.md5(padded).digest()[:5], padded)
        self.key = hashlib.md5(padded + self.owner + struct.pack("<i", self.PERMISSIONS)
                               + self.ID).digest()[:5]

    def stream(self, number, data):
        """`data` as encrypted in the stream of object `number`."""
        return _rc4(hashlib.md5(self.key + struct.pack("<I", number)[:3] + b"\0\0").digest()[:10],
                    data)

    def dictionary(self):
        return (b"<< /Filter /Standard /V 1 /R 2 /P %d /O <%s> /U <%s> >>"
                % (self.PERMISSIONS, self.owner.hex().encode(),
                   _rc4(self.key, _PADDING).hex().encode()))

    def trailer(self, number):
        """`number` is the object that contains dictionary()."""
        return b"/Encrypt %d 0 R /ID [<%s> <%s>]" % (number, self.ID.hex().encode(),
                                                     self.ID.hex().encode())
