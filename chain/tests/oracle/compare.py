"""Our verdicts on tax ids and resident ids against python-stdnum's, on random codes.

Usage: compare.py IDS [COUNT [SEED]], where IDS is the built example `ids`. Exit 1 on a difference
that no rule below explains. Where the two differ for a reason, the *rule* is stated here in terms
of the text alone, such codes are counted, and our verdict is held against the rule.
"""

import datetime
import random
import subprocess
import sys

from stdnum import numdb
from stdnum.cn import ric, uscc

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
TODAY = datetime.date(2026, 11, 21)
WITHOUT_COUNTIES = ("71", "81", "82", "83")  # Taiwan, Hong Kong, Macao, their residents' permits
PUBLISHED = "440524188001010014"  # an example printed in GB 11643-1999 itself


def uscc_check(body):
    total = sum(ALPHABET.index(c) * (3**i % 31) for i, c in enumerate(body))
    return ALPHABET[(31 - total % 31) % 31]


def resident_check(body):
    return "10X98765432"[sum(int(c) * (2 ** (17 - i) % 11) for i, c in enumerate(body)) % 11]


def uscc_rule(text):
    """Which known deviation applies: what ours must say, and why; None where both must agree."""
    if text != "".join(c for c in text if c in ALPHABET):
        # 2: stdnum drops blanks and hyphens, raises case and takes full-width digits; we refuse.
        return False, "in need of normalisation, or no character of GB 32100"
    if len(text) == 18 and not text[:2].isdigit() and text[2:8].isdigit():
        # 1: GB 32100 lets the registering authority and the class be letters; stdnum does not.
        return uscc_check(text[:17]) == text[17], "a letter as authority or class"
    return None


def resident_rule(text, ours_knows_region):
    if not text.isascii() or text != text.upper().replace(" ", "").replace("-", ""):
        return False, "in need of normalisation"
    if len(text) != 18 or not text[:17].isdigit() or resident_check(text[:17]) != text[17]:
        return None
    try:
        born = datetime.date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return None
    if born > TODAY:
        return False, "a birth in the future"
    county = county_of(text[:6])
    if county is None and ours_knows_region:
        # Its table lacks counties of the past; we accept any county of a prefecture that is or was.
        return True, "a county its table lacks"
    if county is not None and text[4:6] == "00" and text[:2] not in WITHOUT_COUNTIES:
        return False, "a province or prefecture, which is nobody's county"
    if county is not None and "[" in county and ours_knows_region:
        # Its table dates counties by years, and an id keeps the code it was given with.
        return True, "a county of other years"
    return None


def ric_accepts(text):
    try:
        return ric.is_valid(text)
    except KeyError:  # how it meets a county that is not in its table, of a province that is
        return False


def county_of(region):
    """The county as stdnum's table has it; with years in brackets where it was or became one."""
    found = numdb.get("cn/loc").info(region)
    return {key: value for _part, known in found for key, value in known.items()}.get("county")


def damaged(random_, text, alphabet):
    kind = random_.randrange(8)
    at = random_.randrange(len(text))
    if kind == 0:
        return text[:at] + random_.choice(alphabet) + text[at + 1 :]
    if kind == 1:
        return text[:at] + text[at + 1 :]
    if kind == 2:
        return text[:at] + random_.choice(alphabet) + text[at:]
    if kind == 3 and at + 1 < len(text):
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    if kind == 4:
        return text.lower()
    if kind == 5:
        return text[:at] + random_.choice(" -\u3000IOSVZ.é") + text[at:]
    if kind == 6 and "0" <= text[at] <= "9":
        return text[:at] + chr(ord(text[at]) + 0xFEE0) + text[at + 1 :]
    return "".join(random_.choice(alphabet) for _ in range(random_.randrange(24)))


def some_uscc(random_):
    head = "".join(random_.choice("0123456789ANY") for _ in range(2))
    if random_.random() < 0.8:
        head = random_.choice(["91", "92", "11", "12", "13", "31", "51", "52", "93"])
    region = f"{random_.randrange(11, 66):02}{random_.randrange(0, 10000):04}"
    body = head + region + "".join(random_.choice(ALPHABET) for _ in range(9))
    return body + uscc_check(body)


def some_resident(random_, regions):
    region = random_.choice(regions) if random_.random() < 0.8 else f"{random_.randrange(10**6):06}"
    year, month, day = random_.randrange(1880, 2060), random_.randrange(1, 13), random_.randrange(1, 32)
    if random_.random() < 0.1:
        month, day = random_.randrange(0, 20), random_.randrange(0, 40)
    body = f"{region}{year:04}{month:02}{day:02}{random_.randrange(1000):03}"
    return body + resident_check(body)


def regions():
    """Counties of stdnum's table, of today and of the past."""
    codes = (f"{code:06}" for code in range(110000, 830000))
    return [code for code in codes if county_of(code) is not None]


def ours(ids, asked):
    lines = [TODAY.isoformat()] + [f"{kind} {text}" for kind, text in asked]
    given = ("\n".join(lines) + "\n").encode()
    done = subprocess.run([ids], input=given, stdout=subprocess.PIPE, check=True)
    verdicts = done.stdout.decode().split()
    assert len(verdicts) == len(asked), f"{len(verdicts)} verdicts on {len(asked)} codes"
    return [verdict == "1" for verdict in verdicts]


def plain(text):
    """One line of UTF-8 that is read back as it is."""
    return "\n" not in text and "\r" not in text


def compare_uscc(ids, count, random_):
    texts = []
    while len(texts) < count:
        code = some_uscc(random_)
        text = code if random_.random() < 0.4 else damaged(random_, code, ALPHABET)
        if plain(text):
            texts.append(text)
    excluded, differing, valid = {}, [], 0
    for text, said in zip(texts, ours(ids, [("uscc", text) for text in texts])):
        valid += said
        rule = uscc_rule(text)
        if rule is not None:
            excluded[rule[1]] = excluded.get(rule[1], 0) + 1
            expected = rule[0]
        else:
            expected = uscc.is_valid(text)
        if said != expected:
            differing.append((text, said, expected))
    return valid, excluded, differing


def compare_resident(ids, count, random_):
    known = regions()
    texts = [PUBLISHED]
    while len(texts) < count:
        code = some_resident(random_, known)
        text = code if random_.random() < 0.4 else damaged(random_, code, "0123456789X")
        if plain(text):
            texts.append(text)
    # Whether we know a region is asked of an id of that region that is right otherwise.
    probes = []
    for text in texts:
        body = text[:6] + "19910101" + "001"
        digits = body.isascii() and body.isdigit() and len(body) == 17
        probes.append(body + resident_check(body) if digits else "0" * 18)
    regions_known = ours(ids, [("resident", probe) for probe in probes])
    excluded, differing, valid = {}, [], 0
    said_all = ours(ids, [("resident", text) for text in texts])
    for text, said, region in zip(texts, said_all, regions_known):
        valid += said
        rule = resident_rule(text, region)
        if rule is not None:
            excluded[rule[1]] = excluded.get(rule[1], 0) + 1
            expected = rule[0]
        else:
            expected = ric_accepts(text)
        if said != expected:
            differing.append((text, said, expected))
    return valid, excluded, differing


def main():
    ids = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 50_000
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    failed = False
    for name, compare in [("uscc", compare_uscc), ("resident", compare_resident)]:
        valid, excluded, differing = compare(ids, count, random.Random(seed))
        held = ", ".join(f"{many} {why}" for why, many in sorted(excluded.items()))
        print(f"oracle: {name}: {count} codes, {valid} valid, {len(differing)} differ; by rule: {held}")
        # Made-up codes, so they may be shown.
        for text, said, expected in differing[:10]:
            print(f"  {text!r}: ours {said}, expected {expected}")
        enough = valid >= count // 10 and valid <= count * 9 // 10
        failed |= bool(differing) or not enough
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
