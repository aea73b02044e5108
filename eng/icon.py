"""Draws icon.png: three bars of progress on a dark tile. Run it in this folder: python3 icon.py"""
import struct
import zlib

SIZE, SCALE = 128, 4
TILE, TRACK, BARS = (24, 32, 56), (52, 64, 100), [(94, 234, 160), (86, 180, 255), (255, 196, 84)]


def inside(x, y, left, top, right, bottom, radius):
    if not (left <= x < right and top <= y < bottom):
        return False
    dx = max(left + radius - x, x - (right - radius), 0)
    dy = max(top + radius - y, y - (bottom - radius), 0)
    return dx * dx + dy * dy <= radius * radius


def color(x, y):
    for i, (bar, part) in enumerate(zip(BARS, (1.0, 0.66, 0.33))):
        top = 30 + i * 25
        if inside(x, y, 20, top, 20 + 88 * part, top + 17, 8.5):
            return (*bar, 255)
        if inside(x, y, 20, top, 108, top + 17, 8.5):
            return (*TRACK, 255)
    return (*TILE, 255) if inside(x, y, 0, 0, SIZE, SIZE, 26) else (0, 0, 0, 0)


def pixel(px, py):
    samples = [color(px + (i + 0.5) / SCALE, py + (j + 0.5) / SCALE) for i in range(SCALE) for j in range(SCALE)]
    alpha = sum(sample[3] for sample in samples)
    if alpha == 0:
        return bytes(4)
    return bytes(round(sum(sample[c] * sample[3] for sample in samples) / alpha) for c in range(3)) + bytes([round(alpha / len(samples))])


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


rows = b"".join(b"\0" + b"".join(pixel(x, y) for x in range(SIZE)) for y in range(SIZE))
with open("icon.png", "wb") as file:
    file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", SIZE, SIZE, 8, 6, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))
