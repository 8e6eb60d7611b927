#!/usr/bin/env python3
"""Checks a refusal of SPEC 7.12 from its words alone; the parts it shares with a proof are those of
check_proof.py.

    check_refusal.py FILE TRUST_ROOT [NOW_MS]   prints verdict and reason; exit code of SPEC 7.12.2
    check_refusal.py --vectors                  every case of refusals.json
"""
import hashlib, json, sys, time
from pathlib import Path
import check_proof as proof
from check_proof import H, Malformed, Reader, Stop, check, key_id, need, slot_root, verify, walk, whole

def sha(data): return hashlib.sha256(data).digest()
KINDS = (1, 3, 4, 5, 6, 8, 9, 10, 11)

def parse(data):
    need(len(data) <= 65536); r = Reader(data); need(r.take(8) == b"\x89PIAO\r\n\x1a")
    check(r.u(1) == 4, "undecided", "UNKNOWN_VERSION"); check(r.u(1) == 1, "undecided", "UNKNOWN_SUITE")
    need(r.u(4) == len(data) - r.at); lowest = 0
    def ahead():
        nonlocal lowest
        if r.at == len(data): return None
        kind = r.u(2); value = r.take(r.u(4)); need(kind >= lowest); lowest = kind + 1
        return kind, value
    p, record = {}, ahead()
    for kind in KINDS:
        check(not record or record[0] >= kind, "undecided", "UNKNOWN_RECORD")
        if record and record[0] == kind:
            value, record = record[1], ahead(); p[kind] = whole(value, proof.RECORDS[kind])
        else: need(kind in (6, 10))
    need(10 not in p or 1 <= len(p[10]) <= 48); check(not record, "undecided", "UNKNOWN_RECORD")
    return p

def judge(data, root, now):
    try: p = parse(data)
    except (Malformed, UnicodeDecodeError): raise Stop("false", "MALFORMED_PROOF")
    tx, out, n = p[1], p[3], p[5]; m = p[6][0] if 6 in p else n; b = tx["body"]
    check(all(h["chain"] == m["chain"] for h in [n, b] + [l[0] for l in p.get(10, [])]), "false", "OTHER_CHAIN")
    check(root, "undecided", "NO_TRUST_ROOT"); check(m["chain"] == root["chain"], "undecided", "OTHER_CHAIN")
    check(now - root["time"] <= 15_552_000_000 and now <= root["expires"], "undecided", "TRUST_ROOT_STALE")
    good = p[9]["hash"] == m["set"] and proof.certified(p[8], m, p[9]["members"])
    check(good, "false", "CERTIFICATE_INVALID"); check(10 in p or p[9]["raw"] == root["set"]["raw"], "undecided", "UNKNOWN_VALIDATOR_SET")
    if 10 in p: proof.linked(p[10], m, root)
    if 6 in p:
        reached = walk(lambda x: sha(b"\1" + x), sha(b"\0" + n["id"]), n["height"], m["height"], p[6][1])
        check(reached == m["hist"], "false", "HISTORY_INVALID")
    leaf = H("tx-leaf", tx["id"] + tx["digest"] + out["raw"])
    check(walk(lambda x: H("tx-node", x), leaf, p[4][0], n["count"], p[4][1]) == n["txs"], "false", "INCLUSION_INVALID")
    check(out["code"] != 0 and not out["effects"], "false", "NOT_REFUSED")
    k = p[11]; account, _role, start, revoked, _disputed = k["value"]
    good = slot_root(k["path"], 2 << 36 | k["index"], k["key"] + k["raw"]) == m["state"]
    good = good and account == b["account"] and start <= n["height"] and b["signers"] == [key_id(k["key"])]
    check(good and (revoked is None or n["height"] < revoked), "false", "KEY_INVALID")
    good = len(tx["sigs"]) == 1 and verify(k["key"], "tx", b["chain"], tx["raw"], tx["sigs"][0])
    check(good, "false", "SIGNATURE_INVALID")
    check(m["time"] <= now + 600_000, "undecided", "CLOCK_BEHIND")
    return "not_in_force", "REFUSED"

def verdict(data, root, now):
    try: return judge(data, root, now)
    except Stop as stop: return stop.args

def vectors():
    story = json.loads(Path(__file__).with_name("refusals.json").read_text())
    root, wrong = proof.trust_root(story["trust_root"]), 0
    for c in story["cases"]:
        expected = c["verdict"]["verdict"], c["verdict"]["reason"]
        found = verdict(bytes.fromhex(c["file"]), root, c["now_ms"])
        if found != expected: wrong += 1; print(f"{c['name']}: {found}, not {expected}", file=sys.stderr)
    print(f"{len(story['cases'])} refusals, {wrong} with another verdict than the vectors")
    return bool(wrong)

if __name__ == "__main__":
    if sys.argv[1:] == ["--vectors"]: sys.exit(vectors())
    if len(sys.argv) not in (3, 4): sys.exit(__doc__)
    opened = proof.trust_root(json.loads(Path(sys.argv[2]).read_text()))
    now = int(sys.argv[3]) if len(sys.argv) == 4 else time.time_ns() // 10**6
    found = verdict(Path(sys.argv[1]).read_bytes(), opened, now)
    print(*found); sys.exit({"false": 5, "undecided": 6, "not_in_force": 9}[found[0]])
