#!/usr/bin/env python3
"""Reads a map's PNG without any library of pictures: map_png.py FILE LEFT TOP CELL COLUMNS ROWS

Prints the colour in the middle of each cell, a line for each row from above: "rrggbb rrggbb ...".
Exit 1 when the file is no whole PNG of 8-bit RGB."""
import struct
import sys
import zlib


def chunks(data):
    if data[:8] != b"\x89PNG\r\n\x1a\n":
        sys.exit("no PNG signature")
    at = 8
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + size]
        if struct.unpack(">I", data[at + 8 + size:at + 12 + size])[0] != zlib.crc32(kind + body):
            sys.exit("a chunk's checksum is wrong")
        yield kind, body
        at += 12 + size


def paeth(a, b, c):
    p = a + b - c
    pa, pb, pc = abs(p - a), abs(p - b), abs(p - c)
    return a if pa <= pb and pa <= pc else b if pb <= pc else c


def undo_filter(kind, line, above):
    for i in range(len(line)):
        left = line[i - 3] if i >= 3 else 0
        corner = above[i - 3] if i >= 3 else 0
        line[i] = (line[i] + (0, left, above[i], (left + above[i]) // 2, paeth(left, above[i], corner))[kind]) & 255
    return line


def read(path):
    parts = list(chunks(open(path, "rb").read()))
    if parts[0][0] != b"IHDR" or parts[-1][0] != b"IEND":
        sys.exit("the PNG is not whole")
    width, height, depth, color, _, _, interlace = struct.unpack(">IIBBBBB", parts[0][1])
    if (depth, color, interlace) != (8, 2, 0):
        sys.exit("no 8-bit RGB: depth %d, colour type %d, interlace %d" % (depth, color, interlace))
    raw = zlib.decompress(b"".join(body for kind, body in parts if kind == b"IDAT"))
    stride = 3 * width
    if len(raw) != (stride + 1) * height:
        sys.exit("%d bytes of pixels, expected %d" % (len(raw), (stride + 1) * height))
    lines, above = [], bytearray(stride)
    for y in range(height):
        start = y * (stride + 1)
        above = undo_filter(raw[start], bytearray(raw[start + 1:start + 1 + stride]), above)
        lines.append(above)
    return lines


def main():
    lines = read(sys.argv[1])
    left, top, cell, columns, rows = map(int, sys.argv[2:7])
    for row in range(rows):
        line = lines[top + row * cell + cell // 2]
        at = [3 * (left + column * cell + cell // 2) for column in range(columns)]
        print(" ".join(line[i:i + 3].hex() for i in at))


main()
