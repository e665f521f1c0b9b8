#!/usr/bin/env python3
"""Reads a backup of embsec without embsec: see docs/runbooks/recover-without-embsec.md.

    recover-backup.py check FOLDER        compares every file with manifest.pub.json
    age -d -i backup.txt seg/000001.age | recover-backup.py segment > rows.copy
        joins a pgcopy-split-v1 segment to what COPY ... FROM STDIN (FORMAT binary) takes
    recover-backup.py open-field KEYRING DATAKEYS TABLE COLUMN ROW_KEY_PART... < VALUE
        opens one enc:v2: value; the files are keyring.toml and datakeys.json

Needs Python 3.8 and the program zstd. Ends with 1 when anything does not fit."""
import base64, hashlib, hmac, json, os, re, struct, subprocess, sys

def need(condition, message):
    if not condition:
        sys.exit(f"Error: {message}")

# Segments: docs/formats.md, "pgcopy-split-v1".
def exactly(stream, count):
    data = stream.read(count)
    need(len(data) == count, "cut off: the segment ends too early")
    return data

def read_part(stream, kind):
    found, codec, stored, raw = struct.unpack(">BBII", exactly(stream, 10))
    need(found == kind and codec in (0, 1), "a part of a block is not the one that follows")
    data = exactly(stream, stored)
    if codec == 1:
        data = subprocess.run(["zstd", "-dcq"], input=data, stdout=subprocess.PIPE, check=True).stdout
    need(len(data) == raw, "a part of a block has another length")
    return data

def join_planes(planes):
    """Rotates each number right by one bit: a byte gets the lowest bit of the byte before it."""
    halves = bytes(byte >> 1 for byte in range(256))
    tops = bytes((byte & 1) << 7 for byte in range(256))
    width, count = len(planes), len(planes[0])
    need(all(len(plane) == count for plane in planes), "the planes of a block differ in length")
    numbers = bytearray(width * count)
    for place in range(width):
        low = int.from_bytes(planes[place].translate(halves), "big")
        top = int.from_bytes(planes[place - 1].translate(tops), "big")
        numbers[place::width] = (low | top).to_bytes(count, "big")
    return bytes(numbers)

def join_block(rest, floats):
    """Puts the numbers back into their fields. floats: by column, the width and the numbers."""
    out, at, copied, rows, used = [], 0, 0, 0, dict.fromkeys(floats, 0)
    while at < len(rest):
        (fields,) = struct.unpack_from(">h", rest, at)
        need(fields >= 0, "a row is malformed")
        at, rows = at + 2, rows + 1
        for column in range(fields):
            (length,) = struct.unpack_from(">i", rest, at)
            need(length >= -1, "a row is malformed")
            at += 4
            width, numbers = floats.get(column, (0, b""))
            if width and length > 4 and (length - 4) % width == 0:
                at += 4
                out.append(rest[copied:at])
                copied, start = at, used[column]
                used[column] = start + length - 4
                need(used[column] <= len(numbers), "a vector is missing")
                out.append(numbers[start:used[column]])
            else:
                at += max(length, 0)
        need(at <= len(rest), "a row is cut off")
    need(all(used[column] == len(floats[column][1]) for column in floats), "a vector is left over")
    return b"".join(out + [rest[copied:]]), rows

def segment(stream, out):
    need(stream.read(8) == b"embseg1\n", "this is not a pgcopy-split-v1 segment")
    header = json.loads(exactly(stream, struct.unpack(">I", exactly(stream, 4))[0]))
    out.write(b"PGCOPY\n\xff\r\n\0" + bytes(8))
    blocks = all_rows = all_bytes = 0
    mark = exactly(stream, 1)
    while mark == b"B":
        raw, rows, _ = struct.unpack(">IIB", exactly(stream, 9))
        rest, floats = read_part(stream, 0), {}
        for entry in header["floats"]:
            planes = [read_part(stream, 1) for _ in range(entry["width"])]
            floats[entry["column"]] = (entry["width"], join_planes(planes))
        data, found = join_block(rest, floats)
        need(len(data) == raw and found == rows, "a block has other rows than it says")
        out.write(data)
        blocks, all_rows, all_bytes = blocks + 1, all_rows + rows, all_bytes + raw
        mark = exactly(stream, 1)
    need(mark == b"E", "a block does not begin as one")
    said = struct.unpack(">IQQ", exactly(stream, 20))
    need(said == (blocks, all_rows, all_bytes) and not stream.read(1), "the end does not fit")
    out.write(b"\xff\xff")

# The files of a backup. Who made them is told by manifest.sig alone.
def check(folder):
    manifest, bad = json.load(open(os.path.join(folder, "manifest.pub.json"), encoding="utf-8")), 0
    for entry in [manifest["manifest"]] + manifest["segments"]:
        name, problem = entry["name"], "ok"
        need(not os.path.isabs(name) and ".." not in name.split("/"), f"a file is called {name!r}")
        try:
            data = open(os.path.join(folder, name), "rb").read()
            if (len(data), hashlib.sha256(data).hexdigest()) != (entry["size_bytes"], entry["sha256"]):
                problem = "is not as it was written"
        except OSError as error:
            problem = error.strerror
        print(f"{name}: {problem}")
        bad += problem != "ok"
    need(not bad, f"{bad} of {len(manifest['segments']) + 1} files are missing or were changed")

# Sealed values: docs/formats.md, "Sealed fields". AES-256 (FIPS 197) in GCM (NIST SP 800-38D).
def times(a, b):
    product = 0
    while b:
        product ^= a * (b & 1)
        a, b = a << 1 ^ (0x11B if a & 0x80 else 0), b >> 1
    return product

def substitute(byte):
    twice = 257 * next((other for other in range(256) if times(byte, other) == 1), 0)
    return (twice ^ twice >> 4 ^ twice >> 5 ^ twice >> 6 ^ twice >> 7) & 0xFF ^ 0x63

SBOX = bytes(map(substitute, range(256))) if sys.argv[1:2] == ["open-field"] else b""

def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b))

def expand(key):
    words, constant = [key[i:i + 4] for i in range(0, 32, 4)], 1
    for i in range(8, 60):
        word = words[-1]
        if i % 4 == 0:
            word = (word if i % 8 else word[1:] + word[:1]).translate(SBOX)
        if i % 8 == 0:
            word, constant = xor(word, bytes([constant, 0, 0, 0])), times(constant, 2)
        words.append(xor(word, words[-8]))
    return [b"".join(words[i:i + 4]) for i in range(0, 60, 4)]

def encrypt(keys, block):
    state = xor(block, keys[0])
    for number, key in enumerate(keys[1:], 1):
        state = bytes(state[5 * i % 16] for i in range(16)).translate(SBOX)
        if number < 14:
            columns = [state[i:i + 4] for i in range(0, 16, 4)]
            state = bytes(times(c[i], 2) ^ times(c[i - 3], 3) ^ c[i - 2] ^ c[i - 1]
                          for c in columns for i in range(4))
        state = xor(state, key)
    return state

def open_box(key, associated, payload):
    box, keys = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)), expand(key)
    need(len(box) >= 28, "the value is cut off")
    nonce, sealed, tag = box[:12], box[12:-16], box[-16:]
    lengths = struct.pack(">QQ", 8 * len(associated), 8 * len(sealed))
    hashed = b"".join(part + bytes(-len(part) % 16) for part in (associated, sealed, lengths))
    factor, state = int.from_bytes(encrypt(keys, bytes(16)), "big"), 0
    for i in range(0, len(hashed), 16):
        x, y, state = state ^ int.from_bytes(hashed[i:i + 16], "big"), factor, 0
        for bit in range(127, -1, -1):
            state ^= y * (x >> bit & 1)
            y = y >> 1 ^ (0xE1 << 120) * (y & 1)
    counters = range(1, len(sealed) // 16 + 3)
    stream = b"".join(encrypt(keys, nonce + struct.pack(">I", counter)) for counter in counters)
    proof = xor(state.to_bytes(16, "big"), stream)
    need(hmac.compare_digest(proof, tag), "the value is damaged, or of another place or key")
    return xor(sealed, stream[16:])

def lp(*parts):
    return b"".join(struct.pack(">I", len(part)) + part for part in map(str.encode, parts))

def key_id(key):
    return base64.b32encode(hashlib.sha256(b"embsec/key-id/v1\0" + key).digest()[:10]).decode().lower()

def open_field(keyring, datakeys, table, column, *row_key):
    form, place = sys.stdin.read().strip().split(":"), lp("embsec/field/v2", table, column, *row_key)
    need(form[:2] == ["enc", "v2"] and len(form) == 4, "this is not an enc:v2: value")
    materials = re.findall(r'^material = "([\w-]{43})"$', open(keyring).read(), re.MULTILINE)
    keys = {key_id(key): key for key in (base64.urlsafe_b64decode(m + "=") for m in materials)}
    if form[2] not in keys:  # else it is a key of the purpose target:NAME, which seals by itself
        records = []
        json.load(open(datakeys, encoding="utf-8"), object_hook=lambda r: records.append(r) or r)
        found = [r for r in records if r.get("key_id") == form[2] and r.get("wrapped")]
        need(found, f"the data key {form[2]} is not there, or was destroyed")
        master, scope = found[0]["master_id"], found[0]["scope"]
        need(master in keys, f"the master key {master} is not in the keyring")
        bound = lp("embsec/data-key/v1", form[2], scope)
        keys[form[2]] = open_box(keys[master], bound, found[0]["wrapped"])
    sys.stdout.buffer.write(open_box(keys[form[2]], place, form[3]))

command, rest = sys.argv[1:2], sys.argv[2:]
try:
    if command == ["segment"] and len(rest) < 2:
        segment(open(rest[0], "rb") if rest else sys.stdin.buffer, sys.stdout.buffer)
    elif command == ["check"] and len(rest) == 1:
        check(*rest)
    elif command == ["open-field"] and len(rest) > 4:
        open_field(*rest)
    else:
        sys.exit(__doc__)
    sys.stdout.flush()
except (OSError, ValueError, KeyError, struct.error, subprocess.CalledProcessError) as error:
    sys.exit(f"Error: {error}")
