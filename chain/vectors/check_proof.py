#!/usr/bin/env python3
"""Checks a proof file from the words of ../SPEC.md alone, with Python's standard library.

    check_proof.py PROOF TRUST_ROOT [NOW_MS]   prints verdict and reason; exit code of SPEC 7.8
    check_proof.py --vectors                   every case of proofs.json, damaged.json, links.json
                                              and red_letters.json

A second reading of the specification, short and slow. Of 4.8.2 it asks the sums and the tax of each
line (E1205 to E1210), not the rates and codes, and says so.
"""
import hashlib, json, sys, time
from pathlib import Path

# --- BLAKE3, key derivation (SPEC 3.1) ---
IV = [0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19]
ORDER = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8]
MIX = [(0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
       (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)]
M32 = 0xFFFFFFFF

def compress(cv, block, counter, flags):
    m = [int.from_bytes(block.ljust(64, b"\0")[i:i + 4], "little") for i in range(0, 64, 4)]
    v = cv + IV[:4] + [counter, 0, len(block), flags]
    turn = lambda x, n: (x >> n | x << 32 - n) & M32
    for _ in range(7):
        for (a, b, c, d), x, y in zip(MIX, m[::2], m[1::2]):
            v[a] = v[a] + v[b] + x & M32; v[d] = turn(v[d] ^ v[a], 16)
            v[c] = v[c] + v[d] & M32; v[b] = turn(v[b] ^ v[c], 12)
            v[a] = v[a] + v[b] + y & M32; v[d] = turn(v[d] ^ v[a], 8)
            v[c] = v[c] + v[d] & M32; v[b] = turn(v[b] ^ v[c], 7)
        m = [m[i] for i in ORDER]
    return [v[i] ^ v[i + 8] for i in range(8)]

words = lambda ws: b"".join(w.to_bytes(4, "little") for w in ws)

def tree(data, first, key, flags, root):
    if len(data) <= 1024:
        blocks = [data[i:i + 64] for i in range(0, len(data), 64)] or [b""]
        cv = key
        for i, block in enumerate(blocks):
            end = 2 | root if i == len(blocks) - 1 else 0
            cv = compress(cv, block, first, flags | (i == 0) | end)
        return cv
    left = 1024
    while 2 * left < len(data): left *= 2
    pair = tree(data[:left], first, key, flags, 0), tree(data[left:], first + left // 1024, key, flags, 0)
    return compress(key, words(pair[0]) + words(pair[1]), 0, flags | 4 | root)

KEYS = {}
def H(tag, data):
    if tag not in KEYS: KEYS[tag] = tree(b"piao/1 " + tag.encode(), 0, IV, 32, 8)
    return words(tree(data, 0, KEYS[tag], 64, 8))

# --- Ed25519-strict (SPEC 3.2) ---
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P

def add(a, b):
    A, B = (a[1] - a[0]) * (b[1] - b[0]), (a[1] + a[0]) * (b[1] + b[0])
    C, E = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2]
    e, f, g, h = B - A, E - C, E + C, B + A
    return e * f % P, g * h % P, f * g % P, e * h % P

def times(n, a):
    total = (0, 1, 1, 0)
    for bit in bin(n)[2:]:
        total = add(total, total)
        if bit == "1": total = add(total, a)
    return total

def point(b):  # None unless canonical and not of small order
    y, sign = int.from_bytes(b, "little") & 2**255 - 1, b[31] >> 7
    if y >= P: return None
    x2 = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if x * x % P != x2: x = x * pow(2, (P - 1) // 4, P) % P
    if x * x % P != x2 or x == 0 and sign: return None
    if x & 1 != sign: x = P - x
    eight = times(8, (x, y, 1, x * y % P))
    return None if eight[0] == 0 and eight[1] == eight[2] else (x, y, 1, x * y % P)

BASE = point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))
SEEN = {}
def verify(key, tag, chain, body, sig):
    message = bytes([len(tag)]) + tag.encode() + chain + body
    if (key, message, sig) not in SEEN:
        A, R, S = point(key), point(sig[:32]), int.from_bytes(sig[32:], "little")
        k = int.from_bytes(hashlib.sha512(sig[:32] + key + message).digest(), "little") % L
        holds = bool(A and R and S < L)
        if holds:
            l, r = times(S, BASE), add(R, times(k, A))
            holds = (l[0] * r[2] - r[0] * l[2]) % P == 0 == (l[1] * r[2] - r[1] * l[2]) % P
        SEEN[key, message, sig] = holds
    return SEEN[key, message, sig]

# --- the encoding (SPEC 2) ---
class Malformed(Exception): pass
class Stop(Exception): pass
def need(condition):
    if not condition: raise Malformed
def check(condition, verdict, reason):
    if not condition: raise Stop(verdict, reason)

class Reader:
    def __init__(self, data): self.data, self.at = data, 0
    def take(self, n):
        need(n <= len(self.data) - self.at); self.at += n
        return self.data[self.at - n:self.at]
    def u(self, n): return int.from_bytes(self.take(n), "big")
    def i64(self): return int.from_bytes(self.take(8), "big", signed=True)
    def tag(self, variants): t = self.u(4); need(t < variants); return t
    def bytes(self): return self.take(self.u(8))
    def list(self, item):  # every item has a byte at least
        n = self.u(8); need(n <= len(self.data) - self.at)
        return [item(self) for _ in range(n)]
    def option(self, item): t = self.u(1); need(t < 2); return item(self) if t else None
    def raw(self, item): at = self.at; value = item(self); return value, self.data[at:self.at]
    def d(self): return self.take(32)

def whole(data, item):
    r = Reader(data); value = item(r); need(r.at == len(data)); return value
def key(r): k = r.d(); need(point(k)); return k
def key_id(k): return H("key-id", k)[:16]
def slot(r): s = r.u(8); need(1 <= s >> 36 <= 8); return s
def tax_id(r):
    places = ["0123456789ABCDEFGHJKLMNPQRTUWXY".find(chr(c)) for c in r.take(18)]
    need(min(places) >= 0 and max(places[2:8]) < 10)
    need(places[17] == (31 - sum(v * 3**i for i, v in enumerate(places[:17])) % 31) % 31)
def identity(r): tax_id(r) if r.tag(2) == 0 else r.d()
def header(r):
    at = r.at; r.take(2); h = dict(chain=r.d(), height=r.u(8), time=r.u(8)); r.d()
    h.update(hist=r.d(), count=r.u(4), txs=r.d(), state=r.d()); r.d(); h["set"] = r.d(); h["next"] = r.d(); r.take(48)
    return h | {"id": H("block-id", r.data[at:r.at])}
def valset(r):
    v, raw = r.raw(lambda r: r.list(lambda r: (key(r), r.u(8)))); ks = [k for k, _ in v]
    need(1 <= len(v) <= 128 and all(a < b for a, b in zip(ks, ks[1:])) and all(p for _, p in v))
    need(sum(p for _, p in v) <= (2**64 - 1) // 3); return dict(members=v, raw=raw, hash=H("valset", raw))
def line(r):
    l = dict(code=r.u(8), type=r.u(1), amount=r.i64(), deduction=r.i64(), rate=r.u(4))
    r.option(lambda r: r.u(1)); r.u(1); return l | {"tax": r.i64()}
def facts(r):
    r.take(2); f = dict(rules=r.u(2)); r.take(6); tax_id(r) if r.tag(2) == 0 else r.take(33)
    r.u(1); f["lines"] = r.list(line); r.u(1)
    f["red"] = r.option(lambda r: (r.u(8), r.u(1), r.option(lambda r: r.u(8))))
    return f | {"totals": [r.i64(), r.i64(), r.i64()]}
def invoice(r):
    v = dict(facts=facts(r), root=r.d(), count=r.u(2)); r.d(); r.option(Reader.d); r.list(slot); return v
def red_letter(r):
    original = number(r); f = facts(r); r.list(lambda r: r.u(2)); return dict(facts=f, root=r.d(), count=r.u(2), red=original)
def possessions(r): return r.list(lambda r: r.take(80))
def evidence(r):
    kind = r.tag(3)
    for _ in range(2): r.take(40) if kind == 2 else r.option(Reader.d); r.take(64)
PAYLOADS = [lambda r: (identity(r), r.tag(2), r.take(9), key(r), r.take(128)) and None,
            lambda r: (r.u(4), key(r), r.tag(2), r.take(64)) and None,
            lambda r: r.take(44) and None, lambda r: r.take(16) and None, lambda r: [invoice(r)],
            lambda r: r.take(10) and None,
            lambda r: (r.u(4), r.option(lambda r: (r.take(12), r.tag(2)))) and None,
            lambda r: (valset(r), possessions(r), r.u(8)) and None,
            lambda r: (r.u(1), r.list(key), possessions(r)) and None,
            lambda r: (key(r), r.take(12), evidence(r)) and None,
            lambda r: [red_letter(r)],
            lambda r: (r.take(9), r.list(lambda r: r.take(10))) and None,
            lambda r: (r.u(8), r.tag(3)) and None,
            lambda r: [red_letter(r), invoice(r)],
            lambda r: r.take(13) and None,
            lambda r: (key(r), r.take(64)) and None,
            lambda r: (r.take(16), r.option(lambda r: r.u(8))) and None]
def body(r):
    r.take(2); b = dict(chain=r.d(), account=r.u(4), signers=r.list(lambda r: r.take(16)))
    r.take(29); return b | {"issues": PAYLOADS[r.tag(len(PAYLOADS))](r) or []}
def transaction(r):
    need(len(r.data) <= 32768); raw = r.bytes(); sigs, enc = r.raw(lambda r: r.list(lambda r: r.take(64)))
    return dict(raw=raw, body=whole(raw, body), sigs=sigs, id=H("txid", raw), digest=H("sigs", enc))
def number(r): n = r.take(20); need(n.isdigit()); return n
def effect(r): return r.u(8), number(r), r.u(8), r.d()
def outcome(r):
    o, raw = r.raw(lambda r: (r.u(2), r.list(Reader.i64), r.list(effect), r.u(4)))
    return dict(code=o[0], effects=o[2], raw=raw)
def slot_proof(r): return r.u(8), r.list(Reader.d)
def optional(r): return r.option(lambda r: r.u(8))
def key_record(r):
    k, index = key(r), r.u(4)
    v, raw = r.raw(lambda r: (r.u(4), r.tag(2), r.u(8), optional(r), optional(r)))
    return dict(key=k, index=index, value=v, raw=raw, path=slot_proof(r))
def status(r):
    red = lambda r: (r.u(8), number(r), r.u(8))
    leaf = r.option(lambda r: r.raw(lambda r: (r.list(Reader.i64), optional(r), r.take(6), r.option(red))))
    return leaf, slot_proof(r)
def card(r):
    def inner(r):
        identity(r); text = r.bytes(); text.decode(); k = r.take(16); r.take(16); return k
    k, raw = r.raw(inner); return dict(key=k, raw=raw, signer=r.take(16), sig=r.take(64))
def field(r): return r.u(2), r.u(2), r.bytes(), r.take(16), r.u(2), r.list(Reader.d)
def certificate(r): return r.u(8), r.u(4), r.d(), r.list(lambda r: (r.take(16), r.take(64)))
def link(r): return header(r), certificate(r), valset(r)
def part(r): n = r.u(4); need(n > 0); return n
RECORDS = {1: transaction, 2: part, 3: outcome, 4: lambda r: (r.u(4), r.list(Reader.d)), 5: header,
           6: lambda r: (header(r), r.list(Reader.d)), 8: certificate, 9: valset, 10: lambda r: r.list(link), 11: key_record,
           12: status, 13: card, 14: lambda r: r.list(field)}

def parse(data):  # SPEC 7.4
    need(len(data) <= 65536); r = Reader(data); need(r.take(8) == b"\x89PIAO\r\n\x1a")
    check(r.u(1) == 1, "undecided", "UNKNOWN_VERSION"); check(r.u(1) == 1, "undecided", "UNKNOWN_SUITE")
    need(r.u(4) == len(data) - r.at); lowest = 0
    def ahead():
        nonlocal lowest
        if r.at == len(data): return None
        kind = r.u(2); value = r.take(r.u(4)); need(kind >= lowest); lowest = kind + 1
        return kind, value
    proof, record = {}, ahead()
    for kind, item in RECORDS.items():
        check(not record or record[0] >= kind, "undecided", "UNKNOWN_RECORD")
        if record and record[0] == kind:
            value, record = record[1], ahead(); proof[kind] = whole(value, item)
        else: need(kind in (2, 6, 10, 13, 14))
    need(proof.get(14) != [] and (10 not in proof or 1 <= len(proof[10]) <= 48)); check(not record, "undecided", "UNKNOWN_RECORD")
    return proof

# --- trees (SPEC 7.1, 7.3) ---
def walk(node, leaf, at, size, path):
    last = size - 1
    if at > last: return None
    for sibling in path:
        if last == 0: return None
        if at & 1 or at == last:
            leaf = node(sibling + leaf)
            while not at & 1 and at: at >>= 1; last >>= 1
        else: leaf = node(leaf + sibling)
        at >>= 1; last >>= 1
    return leaf if last == 0 else None

EMPTY = [bytes(32)]
for _ in range(40): EMPTY.append(H("state-node", EMPTY[-1] * 2))
def slot_root(proof, at, leaf):
    bits, siblings = proof; siblings = list(siblings)
    digest = EMPTY[0] if leaf is None else H("state-leaf", at.to_bytes(8, "big") + leaf)
    if bits >> 40: return None
    for l in range(40):
        other = EMPTY[l] if bits >> l & 1 else siblings.pop(0) if siblings else None
        if other is None or other == EMPTY[l] and not bits >> l & 1: return None
        digest = H("state-node", other + digest if at >> l & 1 else digest + other)
    return None if siblings else digest

# --- trust roots (SPEC 7.6) ---
def genesis(r):
    need(r.take(2) == b"\1\1"); r.tag(2); r.u(8); need(r.u(1) <= 9); threshold = r.u(1)
    authority(r.list(key), threshold); key(r); first = valset(r); need(32768 <= r.u(4) <= 1048576); r.take(46); return first
def authority(keys, threshold):
    ids = [key_id(k) for k in keys]; need(all(a < b for a, b in zip(ids, ids[1:])))
    need(1 <= threshold <= len(keys)); return dict(zip(ids, keys))
def root_body(r):
    need(r.take(2) == b"\1\1"); first, raw = r.raw(genesis); root = dict(chain=H("chain-id", raw), first=first, height=r.u(8)); r.d()
    root["time"] = r.u(8); root["set"] = valset(r); keys = r.list(key); root["threshold"] = r.u(1); root["keys"] = authority(keys, root["threshold"])
    key(r); root["expires"] = r.u(8); r.option(Reader.d); return root
def trust_root(file):
    need(file["type"] == "piao-trust-root"); raw = bytes.fromhex(file["body"]); root = whole(raw, root_body)
    ids = [one["key_id"] for one in file["signatures"]]
    need(all(a < b for a, b in zip(ids, ids[1:])) and len(ids) >= root["threshold"])
    for one in file["signatures"]:
        signer = root["keys"].get(bytes.fromhex(one["key_id"]))
        need(signer and verify(signer, "trust-root", root["chain"], raw, bytes.fromhex(one["signature"])))
    return root

# --- the verdict (SPEC 7.8) ---
def certified(cert, tip, members):
    height, round_, block, sigs = cert; ids = [i for i, _ in sigs]; powers = {key_id(k): (k, p) for k, p in members}
    vote = height.to_bytes(8, "big") + round_.to_bytes(4, "big") + b"\1" + block
    good = (height, block) == (tip["height"], tip["id"]) and all(a < b for a, b in zip(ids, ids[1:]))
    good = good and all(i in powers and verify(powers[i][0], "precommit", tip["chain"], vote, s) for i, s in sigs)
    return good and 3 * sum(powers[i][1] for i in ids) > 2 * sum(p for _, p in members)

def linked(links, tip, root):  # SPEC 7.9
    last, good = None, True
    for h, cert, new in links:
        good = good and (last is None or h["height"] > last["height"] and h["set"] == last["next"]) and h["height"] < tip["height"]
        good = good and (cert[0], cert[2]) == (h["height"], h["id"]) and h["set"] != h["next"] == new["hash"]
        last = h
    check(good and last["next"] == tip["set"], "false", "LINKS_INVALID")
    past = [l for l in links if l[0]["height"] <= root["height"]]
    known = root["first"] if past else root["set"]
    good = (not past or past[-1][2]["raw"] == root["set"]["raw"]) and links[0][0]["set"] == known["hash"]
    check(good, "undecided", "UNKNOWN_VALIDATOR_SET")
    for h, cert, new in links:
        check(certified(cert, h, known["members"]), "false", "LINKS_INVALID"); known = new

def sums_hold(f, red):  # E1205 to E1210 of SPEC 4.8.2; of a red letter what 4.8.10 asks of amounts
    def rounded(n): return (abs(n) + 500_000) // 10**6 * (-1 if n < 0 else 1)
    exact, (amount, tax, gross) = 0, f["totals"]
    for l in f["lines"]:
        due = (l["amount"] - l["deduction"]) * l["rate"]; exact += due
        if abs(rounded(due) - l["tax"]) > (0 if l["rate"] == 0 else 9 if red else 1 if l["type"] == 1 else 6): return False
        d = l["deduction"]
        if red and (l["amount"] >= 0 or l["type"] or d and (len(f["lines"]) > 1 or d > 0 or d < l["amount"])): return False
    right = amount == sum(l["amount"] for l in f["lines"]) and tax == sum(l["tax"] for l in f["lines"])
    if bool(f["red"]) != red or red and not 1 <= f["red"][1] <= 4: return False
    return right and gross == amount + tax and (red or abs(exact - tax * 10**6) <= 127 * 10**6)

def judge(data, root, now):
    try: p = parse(data)
    except (Malformed, UnicodeDecodeError): raise Stop("false", "MALFORMED_PROOF")
    tx, out, n = p[1], p[3], p[5]; m = p[6][0] if 6 in p else n; b, which = tx["body"], p.get(2, 0)
    check(all(h["chain"] == m["chain"] for h in [n, b] + [l[0] for l in p.get(10, [])]), "false", "OTHER_CHAIN")
    check(root, "undecided", "NO_TRUST_ROOT"); check(m["chain"] == root["chain"], "undecided", "OTHER_CHAIN")
    check(now - root["time"] <= 15_552_000_000 and now <= root["expires"], "undecided", "TRUST_ROOT_STALE")
    good = p[9]["hash"] == m["set"] and certified(p[8], m, p[9]["members"])
    check(good, "false", "CERTIFICATE_INVALID"); check(10 in p or p[9]["raw"] == root["set"]["raw"], "undecided", "UNKNOWN_VALIDATOR_SET")
    if 10 in p: linked(p[10], m, root)
    sha = lambda x: hashlib.sha256(x).digest()
    if 6 in p:
        reached = walk(lambda x: sha(b"\1" + x), sha(b"\0" + n["id"]), n["height"], m["height"], p[6][1])
        check(reached == m["hist"], "false", "HISTORY_INVALID")
    leaf = H("tx-leaf", tx["id"] + tx["digest"] + out["raw"])
    check(walk(lambda x: H("tx-node", x), leaf, p[4][0], n["count"], p[4][1]) == n["txs"], "false", "INCLUSION_INVALID")
    good = out["code"] == 0 and which < len(b["issues"]) == len(out["effects"])
    check(good, "false", "NOT_AN_INVOICE"); inv = b["issues"][which]
    k = p[11]; account, role, start, revoked, disputed = k["value"]; own = key_id(k["key"])
    good = slot_root(k["path"], 2 << 36 | k["index"], k["key"] + k["raw"]) == m["state"]
    good = good and account == b["account"] and role == 0 and start <= n["height"] and b["signers"] == [own]
    check(good and (revoked is None or n["height"] < revoked), "false", "KEY_INVALID")
    good = len(tx["sigs"]) == 1 and verify(k["key"], "tx", b["chain"], tx["raw"], tx["sigs"][0])
    check(good, "false", "SIGNATURE_INVALID")
    check(inv["facts"]["rules"] in (1, 2), "undecided", "UNKNOWN_RULE_SET")
    check(sums_hold(inv["facts"], "red" in inv), "false", "ARITHMETIC_INVALID")
    (place, num, counter, prev), (leaf, path) = out["effects"][which], p[12]
    ident = H("invoice-id", tx["id"] + which.to_bytes(4, "big") + place.to_bytes(8, "big") + num + counter.to_bytes(8, "big") + prev)
    good = 1 <= place >> 36 <= 8 and slot_root(path, place, leaf and ident + leaf[1]) == m["state"]
    check(good, "false", "STATUS_INVALID"); check(m["time"] <= now + 600_000, "undecided", "CLOCK_BEHIND")
    shown = p.get(14, [])
    good = all(a[4] < c[4] and a[:2] < c[:2] for a, c in zip(shown, shown[1:]))
    for fid, fline, value, salt, index, way in shown:
        head = fid.to_bytes(2, "big") + fline.to_bytes(2, "big") + len(value).to_bytes(4, "big")
        reached = walk(lambda x: H("field-node", x), H("field-leaf", salt + head + value), index, -(-inv["count"] // 8) * 8, way)
        good = good and index < inv["count"] and reached == inv["root"]
    check(good, "false", "DISCLOSURE_INVALID")
    if 13 in p:
        c = p[13]; signer = root["keys"].get(c["signer"])
        good = signer and verify(signer, "card", root["chain"], c["raw"], c["sig"]) and c["key"] == own
        check(good, "false", "CARD_INVALID")
    total = 0
    for fen in leaf[0][0] if leaf else []: total = max(-2**63, min(2**63 - 1, total + fen))
    if disputed is not None and disputed <= n["height"]: return "not_in_force", "KEY_DISPUTED"
    if leaf and leaf[0][1] is not None: return "not_in_force", "REISSUED"
    if total and total >= inv["facts"]["totals"][0]: return "not_in_force", "REVERSED"
    if now - m["time"] > 7 * 86_400_000: return "undecided", "STALE"
    return "in_force", "PARTLY_REVERSED" if total else "GENUINE"

def verdict(data, root, now):
    try: return judge(data, root, now)
    except Stop as stop: return stop.args

def vectors():
    load = lambda name: json.loads(Path(__file__).with_name(name).read_text())
    proofs, damaged = load("proofs.json"), load("damaged.json")
    roots = [trust_root(proofs[n]) for n in ("trust_root", "trust_root_of_the_signed_block_itself")]
    first, wrong = bytes.fromhex(proofs["cases"][0]["file"]), 0
    jobs = []
    for c in proofs["cases"]:
        own = c["verdict"]["trust_root"] != proofs["trust_root"]["fingerprint"]
        jobs.append((c["name"], bytes.fromhex(c["file"]), roots[own], c["now_ms"], (c["verdict"]["verdict"], c["verdict"]["reason"])))
    for c in damaged["cases"]:
        data = first[:c["at"]] + bytes.fromhex(c["insert"]) + first[c["at"] + c["remove"]:]
        jobs.append((c["name"], data, roots[0] if c["trust_root"] else None, c["now_ms"], (c["verdict"], c["reason"])))
    links = load("links.json")
    known = {one["fingerprint"]: trust_root(one) for one in [links["trust_root"], *links["later_trust_roots"]]}
    for c in links["good"] + links["damaged"] + links["by_later_roots"]:
        root = known[c.get("trust_root", links["trust_root"]["fingerprint"])]
        jobs.append((c["name"], bytes.fromhex(c["file"]), root, links["now_ms"], (c["verdict"]["verdict"], c["verdict"]["reason"])))
    red = load("red_letters.json"); own = trust_root(red["trust_root"])
    for c in red["proofs"]:
        expected = c["verdict"]["verdict"], c["verdict"]["reason"]
        jobs.append((c["number"], bytes.fromhex(c["file"]), own, red["now_ms"], expected))
    for name, data, root, now, expected in jobs:
        if verdict(data, root, now) != expected:
            wrong += 1; print(f"{name}: {verdict(data, root, now)}, not {expected}", file=sys.stderr)
    print(f"{len(jobs)} proofs, {wrong} with another verdict than the vectors")
    return bool(wrong)

if __name__ == "__main__":
    if sys.argv[1:] == ["--vectors"]: sys.exit(vectors())
    if len(sys.argv) not in (3, 4): sys.exit(__doc__)
    opened = trust_root(json.loads(Path(sys.argv[2]).read_text()))
    now = int(sys.argv[3]) if len(sys.argv) == 4 else time.time_ns() // 10**6
    found = verdict(Path(sys.argv[1]).read_bytes(), opened, now)
    print(*found, "(rates and codes of SPEC 4.8.2 not checked)")
    sys.exit({"in_force": 0, "false": 5, "undecided": 6, "not_in_force": 9}[found[0]])
