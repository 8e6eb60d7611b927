#!/usr/bin/env python3
"""Checks a statement of SPEC 7.11 from its words alone; the parts it shares with a proof are those of
check_proof.py.

    check_statement.py FILE TRUST_ROOT [NOW_MS]   prints verdict and reason; exit code of SPEC 7.11.4
    check_statement.py --vectors                  every case of statements.json
"""
import hashlib, json, sys, time
from pathlib import Path
import check_proof as proof
from check_proof import H, Malformed, Reader, Stop, check, header, need, number, outcome, slot_proof, slot_root, walk, whole

def sha(data): return hashlib.sha256(data).digest()
def place(r):
    digest, out, index, path = r.d(), outcome(r), r.u(4), r.list(Reader.d)
    return dict(digest=digest, out=out, index=index, path=path, block=r.option(lambda r: (header(r), r.list(Reader.d))))
def totals(r):
    values, raw = r.raw(lambda r: (r.take(16), r.u(8), r.take(8))); return values[1], raw, slot_proof(r)
def listing(r):
    return r.u(4), r.u(8), r.d(), r.list(lambda r: (r.d(), r.u(4), number(r)))
def account(r):
    values, raw = r.raw(lambda r: (proof.identity(r), r.tag(3), r.tag(2), r.take(29), r.u(8), r.d(), r.take(8)))
    return values[4], values[5], raw, slot_proof(r)
def issued(r):
    raw = r.bytes(); return H("txid", raw), whole(raw, proof.body)["account"], r.u(4), place(r)
def links(r):
    found = r.list(proof.link); need(1 <= len(found) <= 48); return found
FIRST = {5: header, 8: proof.certificate, 9: proof.valset, 10: links}
RECORDS = {2: FIRST | {17: number, 18: totals, 19: lambda r: (r.d(), place(r))},
           3: FIRST | {20: listing, 21: account, 22: issued, 23: place}}

def parse(data):
    need(len(data) <= 65536); r = Reader(data); need(r.take(8) == b"\x89PIAO\r\n\x1a"); version = r.u(1)
    check(version in RECORDS, "undecided", "UNKNOWN_VERSION"); check(r.u(1) == 1, "undecided", "UNKNOWN_SUITE")
    need(r.u(4) == len(data) - r.at); lowest = 0
    def ahead():
        nonlocal lowest
        if r.at == len(data): return None
        kind = r.u(2); value = r.take(r.u(4)); need(kind >= lowest); lowest = kind + 1
        return kind, value
    p, record = {}, ahead()
    for kind, item in RECORDS[version].items():
        check(not record or record[0] >= kind, "undecided", "UNKNOWN_RECORD")
        if record and record[0] == kind:
            value, record = record[1], ahead(); p[kind] = whole(value, item)
        else: need(kind in (10, 19, 21, 22, 23))
    if version == 3:
        need((21 in p) != (22 in p)); _, start, _, listed = p[20]
        need(start >= 1 and len(listed) <= 800 and start + len(listed) - 1 < 2**64)
    check(not record, "undecided", "UNKNOWN_RECORD")
    return p

def holds(at, txid, m):  # a place, 7.11.1; its header
    h = m
    if at["block"]:
        h, path = at["block"]
        reached = walk(lambda x: sha(b"\1" + x), sha(b"\0" + h["id"]), h["height"], m["height"], path)
        check(h["height"] < m["height"] and reached == m["hist"], "false", "HISTORY_INVALID")
    leaf = H("tx-leaf", txid + at["digest"] + at["out"]["raw"])
    good = at["index"] < h["count"] and walk(lambda x: H("tx-node", x), leaf, at["index"], h["count"], at["path"]) == h["txs"]
    check(good, "false", "INCLUSION_INVALID")
    return h

def invoice_id(txid, part, n, num, counter, before):
    slot = 3 << 36 | n
    return H("invoice-id", txid + part.to_bytes(4, "big") + slot.to_bytes(8, "big") + num + counter.to_bytes(8, "big") + before)

def absence(p, m):  # 7.11.2
    num, (count, raw, path), n = p[17], p[18], int(p[17][5:])
    check(slot_root(path, 8 << 36, raw) == m["state"], "false", "ABSENCE_INVALID")
    check((1 <= n <= count) == (19 in p), "false", "ABSENCE_INVALID")
    if 19 in p:
        txid, at = p[19]; holds(at, txid, m)
        there = [e for e in at["out"]["effects"] if n < 2**36 and e[0] == 3 << 36 | n]
        check(at["out"]["code"] == 0 and there, "false", "ABSENCE_INVALID")
        check(there[0][1] != num, "false", "NUMBER_ISSUED")
    return n <= count

def completeness(p, m):  # 7.11.3
    who, start, before, listed = p[20]
    if 21 in p:
        counter, last, raw, path = p[21]
        check(slot_root(path, 1 << 36 | who, raw) == m["state"], "false", "ACCOUNT_INVALID")
    else:
        txid, sender, part, at = p[22]; holds(at, txid, m)
        good = sender == who and at["out"]["code"] == 0 and part < len(at["out"]["effects"])
        check(good, "false", "ACCOUNT_INVALID"); slot, num, counter, prev = at["out"]["effects"][part]
        last = H("invoice-id", txid + part.to_bytes(4, "big") + slot.to_bytes(8, "big") + num + counter.to_bytes(8, "big") + prev)
    check((start == 1) == (before == bytes(32)), "false", "LIST_INVALID"); ident = before
    for k, (txid, part, num) in enumerate(listed, start):
        check(int(num[5:]) < 2**36, "false", "LIST_INVALID"); ident = invoice_id(txid, part, int(num[5:]), num, k, ident)
    check((start + len(listed) - 1, ident) == (counter, last), "false", "LIST_INVALID")
    if 23 in p:
        check(start > 1 and listed, "false", "LIST_INVALID"); holds(p[23], listed[0][0], m)

def judge(data, root, now):  # 7.11.4
    try: p = parse(data)
    except (Malformed, UnicodeDecodeError): raise Stop("false", "MALFORMED_PROOF")
    m = p[5]; places = [p[19][1]] if 19 in p else []
    places += ([p[22][3]] if 22 in p else []) + ([p[23]] if 23 in p else [])
    named = [l[0] for l in p.get(10, [])] + [at["block"][0] for at in places if at["block"]]
    check(all(h["chain"] == m["chain"] for h in named), "false", "OTHER_CHAIN")
    check(root, "undecided", "NO_TRUST_ROOT"); check(m["chain"] == root["chain"], "undecided", "OTHER_CHAIN")
    check(now - root["time"] <= 15_552_000_000 and now <= root["expires"], "undecided", "TRUST_ROOT_STALE")
    good = p[9]["hash"] == m["set"] and proof.certified(p[8], m, p[9]["members"])
    check(good, "false", "CERTIFICATE_INVALID"); check(10 in p or p[9]["raw"] == root["set"]["raw"], "undecided", "UNKNOWN_VALIDATOR_SET")
    if 10 in p: proof.linked(p[10], m, root)
    for_ever = absence(p, m) if 17 in p else completeness(p, m) or True
    check(m["time"] <= now + 600_000, "undecided", "CLOCK_BEHIND")
    check(for_ever or now - m["time"] <= 7 * 86_400_000, "undecided", "STALE")
    return "holds", "NOT_ISSUED" if 17 in p else "COMPLETE"

def verdict(data, root, now):
    try: return judge(data, root, now)
    except Stop as stop: return stop.args

def of_twin(twin):  # 7.11.5
    names = {5: "header", 8: "certificate", 9: "validators", 10: "links"}
    names |= {17: "number", 18: "totals", 19: "instead"} if twin["version"] == 2 else {20: "list", 21: "account", 22: "issued", 23: "first"}
    if set(twin) - set(names.values()) - {"version", "suite"}: raise Malformed()
    values = [(kind, bytes.fromhex(twin[name])) for kind, name in names.items() if name in twin]
    body = b"".join(kind.to_bytes(2, "big") + len(value).to_bytes(4, "big") + value for kind, value in values)
    head = bytes.fromhex("895049414f0d0a1a") + bytes([twin["version"], twin["suite"]])
    return head + len(body).to_bytes(4, "big") + body

def vectors():
    story = json.loads(Path(__file__).with_name("statements.json").read_text())
    root, wrong = proof.trust_root(story["trust_root"]), 0
    for c in story["cases"]:
        expected = c["verdict"]["verdict"], c["verdict"]["reason"]
        found = verdict(bytes.fromhex(c["file"]), root, c["now_ms"])
        if found != expected: wrong += 1; print(f"{c['name']}: {found}, not {expected}", file=sys.stderr)
    files = {c["name"]: c["file"] for c in story["cases"]}
    for name, twin in story["twins"].items():
        if of_twin(twin).hex() != files[name]: wrong += 1; print(f"{name}: its twin is another file", file=sys.stderr)
    print(f"{len(story['cases'])} statements, {wrong} with another verdict than the vectors")
    return bool(wrong)

if __name__ == "__main__":
    if sys.argv[1:] == ["--vectors"]: sys.exit(vectors())
    if len(sys.argv) not in (3, 4): sys.exit(__doc__)
    opened = proof.trust_root(json.loads(Path(sys.argv[2]).read_text()))
    now = int(sys.argv[3]) if len(sys.argv) == 4 else time.time_ns() // 10**6
    found = verdict(Path(sys.argv[1]).read_bytes(), opened, now)
    print(*found); sys.exit({"holds": 0, "false": 5, "undecided": 6}[found[0]])
