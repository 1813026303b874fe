"""Files in which a resolver keeps its anchors by RFC 5011, in every state and with every slip."""

from __future__ import annotations

from random import Random

from tests.resolvers.keys import filled

__all__ = ["state_text"]

_OF_UNBOUND = ("START", "ADDPEND", "VALID", "MISSING", "REVOKED", "REMOVED")
_OF_KNOT = ("Start", "AddPend", "Valid", "Missing", "Revoked", "Removed", "valid", "")
_TIMES = ("0", "1790000000", "1795800000", "1999999999")
_KEYDATA = ("20261128000000", "20260901000000", "20270101000000", "19700101000000", "0")


def state_text(program: str, random: Random) -> str:
    """What the program, or another one, may have written."""
    write = _WRITERS.get(program, random.choice([*_WRITERS.values()]))
    return filled(write(random))


def _letters(random: Random) -> list[str]:
    return random.choice([["A", "B"], ["A", "B"], ["B"], ["A"], ["B", "A"], ["A", "B", "C"]])


def _key(letter: str, random: Random) -> str:
    return f"@{letter}:{random.choice(['dnskey', 'dnskey', 'dnskey', 'revoked'])}@"


def _of_unbound(random: Random) -> str:
    rows = ["; autotrust trust anchor file", ";;id: . 1", ";;last_queried: 1795800000 ;;x"]
    rows += [";;query_failed: 0", ";;query_interval: 43200", ";;retry_time: 8640"]
    if random.random() < 0.2:
        rows[random.randrange(len(rows))] = random.choice(["", ";;REVOKED", ";;id: . x", "; a"])
    for letter in _letters(random):
        at = random.choice([2, 2, 2, random.randrange(len(_OF_UNBOUND))])
        rows.append(
            f".\t86400\tIN\tDNSKEY\t{_key(letter, random)} ;{{id = @{letter}:tag@ (ksk)}} "
            f";;state={at} [ {_OF_UNBOUND[at]} ] ;;count=0 ;;lastchange={random.choice(_TIMES)} ;;x"
        )
    return "\n".join([*rows, ""])


def _of_knot(random: Random) -> str:
    rows = []
    for letter in _letters(random):
        state = random.choice(["Valid", "Valid", *_OF_KNOT])
        timer = random.choice(["", *_TIMES])
        front = random.choice(["", "", "; "])
        rows.append(
            f"{front}. 86400 DNSKEY {_key(letter, random)} ; {state}:{timer} ; "
            f"KeyTag:@{letter}:tag@"
        )
    return "\n".join([*rows, ""])


def _of_bind(random: Random) -> str:
    rows = ["$ORIGIN .", "$TTL 0\t; 0 seconds", "@\tIN SOA\t. . (", "\t2 ; serial"]
    rows += ["\t0 0 0 0", "\t)"]
    for letter in _letters(random):
        times = [random.choice(_KEYDATA[:1]), *(random.choice(_KEYDATA[1:]) for _ in range(2))]
        if random.random() < 0.6:
            times = ["20261128000000", "20260901000000", "19700101000000"]
        key = random.choice([_key(letter, random)] * 5 + ["0 0 0"])
        rows.append(f"\tKEYDATA\t{' '.join(times)} {key} ; key id = @{letter}:tag@")
    return "\n".join([*rows, ""])


_WRITERS = {"unbound": _of_unbound, "kresd": _of_knot, "kresctl": _of_knot, "named": _of_bind}
