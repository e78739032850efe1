"""S2: the office's list, row by row, and what the pool must be."""

import hashlib
from decimal import Decimal

import pytest

from services.scoring.domain.pool import Candidate, check_townships, name_salt, private_name
from services.scoring.domain.pool_rows import (
    RawMember,
    check_registration_id,
    columns,
    problems_of,
    raw_rows,
    strata_of,
    take_rows,
)
from shared.errors import Refusal
from shared.programme import load

PROGRAMME = load("window-units")
STRATA = strata_of(PROGRAMME)


def rows_of(header: list[str], *rows: list[str], names: bool = False) -> list[RawMember]:
    at = columns(header, {})
    return raw_rows(enumerate(rows, start=2), at, (lambda person, name: f"<{person} {name}>") if names else None)


def test_s2_chinese_and_english_headings_are_known_and_others_are_named_by_the_office() -> None:
    assert columns(["登记号", "姓名", "身份类别", "乡镇"], {}) == {"id": 0, "name": 1, "stratum": 2, "township": 3}
    assert columns(["ID", "Stratum"], {}) == {"id": 0, "stratum": 1}
    assert columns(["no.", "kind", "学历"], {"no.": "id", "kind": "stratum", "学历": "attribute:education"}) == {
        "id": 0, "stratum": 1, "attribute:education": 2,
    }  # fmt: skip
    with pytest.raises(Refusal, match="no column holds the stratum"):
        columns(["登记号", "姓名"], {})
    with pytest.raises(Refusal, match="no such field"):
        columns(["登记号", "身份类别"], {"登记号": "number"})
    with pytest.raises(Refusal, match="no such column"):
        columns(["登记号", "身份类别"], {"编码": "id"})


def test_s2_no_name_is_in_what_is_read_only_its_hash_and_no_age_only_its_band() -> None:
    header = ["登记号", "姓名", "身份类别", "年龄", "性别"]
    found = rows_of(
        header, ["E1", "赖世杰", "企业代表", "41", "男"], ["E2", "李素芬", "企业代表", "70", ""], names=True
    )
    assert [(r.row, r.id, r.name_hash) for r in found] == [(2, "E1", "<E1 赖世杰>"), (3, "E2", "<E2 李素芬>")]
    assert [dict(r.attributes) for r in found] == [{"age": "35-49", "gender": "男"}, {"age": "65+"}]
    assert rows_of(header, ["E1", "赖世杰", "企业代表", "17", "男"])[0].name_hash is None
    assert rows_of(header, ["E1", "赖世杰", "企业代表", "17", "男"])[0].attributes["age"] == "under-18"


def test_s2_a_names_salt_is_one_persons_and_anybody_can_hash_it_again() -> None:
    secret = b"k" * 32
    salts = {name_salt(secret, person) for person in ("E1", "E2")}
    assert len(salts) == 2 and all(len(salt) == 16 for salt in salts)
    salt = name_salt(secret, "E1")
    assert private_name(salt, "赖世杰") == hashlib.sha256(salt + "赖世杰".encode()).hexdigest()
    assert private_name(salt, "赖世杰") != private_name(name_salt(b"x" * 32, "E1"), "赖世杰")


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        (RawMember(5, "", "villager"), "id", "no registration id"),
        (RawMember(5, "a b", "villager"), "id", "is no registration id"),
        (RawMember(5, "OK", "villager"), "id", "was registered in row 2 already"),
        (RawMember(5, "N", "农民"), "stratum", "no such stratum"),
        (RawMember(5, "N", "villager", township=""), "township", "no township"),
        (RawMember(5, "N", "villager", name_hash="abc"), "name_hash", "is no SHA-256"),
        (RawMember(5, "N", "villager", conflicts=(("employed", "u9"),)), "employed", "no such unit"),
        (RawMember(5, "N", "villager", conflicts=(("friend", "u1"),)), "conflicts", "no such kind"),
        (RawMember(5, "N", "villager", attributes={"gender": ""}), "attribute:gender", "is no attribute"),
    ],
)
def test_s2_a_row_that_cannot_be_taken_is_refused_with_number_field_and_reason(
    row: RawMember, field: str, reason: str
) -> None:
    taken, refused = take_rows([RawMember(2, "OK", "村民代表"), row], STRATA, {"u1": "u1"})
    assert [m.candidate.id for m in taken] == ["OK"]
    assert [(r.row, r.field) for r in refused] == [(5, field)]
    assert reason in refused[0].reason and refused[0].remedy


def test_s2_nobodys_identity_card_or_telephone_is_a_registration_id_because_ids_are_published() -> None:
    for number in ("11010519491231002X", "13812345678"):
        _, refused = take_rows([RawMember(5, number, "村民代表")], STRATA, None)
        assert refused[0].field == "id" and "published" in refused[0].remedy
        assert number not in refused[0].value
    assert check_registration_id("2026-000123") == "2026-000123"


def test_s2_conflicts_are_by_key_or_name_of_a_unit_with_their_kind() -> None:
    header = ["登记号", "身份类别", "任职单位", "亲属任职单位"]
    found = rows_of(header, ["E1", "村民代表", "清河派出所", "u2、u3"])
    taken, refused = take_rows(found, STRATA, {"清河派出所": "u1", "u2": "u2", "u3": "u3"})
    assert not refused
    assert taken[0].kinds == {"u1": "employed", "u2": "related", "u3": "related"}
    assert taken[0].candidate.conflicts == {"u1", "u2", "u3"}


def pool_of(township: str | None, **changes: int) -> list[Candidate]:
    sizes = {"enterprise": 22, "resident": 22, "villager": 33, "deputy": 33} | changes
    return [Candidate(f"{township}-{s}-{i}", s, township=township) for s, n in sizes.items() for i in range(n)]


def test_s2_each_township_has_its_100_to_120_and_its_shares_by_itself() -> None:
    shares = {
        "enterprise": Decimal("0.2"),
        "resident": Decimal("0.2"),
        "villager": Decimal("0.3"),
        "deputy": Decimal(0),
    }

    def problems(people: list[Candidate]) -> list[tuple[str, str]]:
        found = check_townships(
            people, least=100, most=120, shares=shares, ordinary=("enterprise", "resident", "villager")
        )
        return [(p.field, p.value) for p in found]

    assert problems([*pool_of("清河镇"), *pool_of("石桥镇")]) == []
    two = [*pool_of("清河镇", villager=32, deputy=34), *pool_of("石桥镇", deputy=50)]
    assert problems(two) == [
        ("pool.share.villager", "清河镇: 32 of 110"),
        ("pool.share.ordinary", "清河镇: 76 of 110"),
        ("pool.size", "石桥镇: 127"),
        ("pool.share.enterprise", "石桥镇: 22 of 127"),
        ("pool.share.resident", "石桥镇: 22 of 127"),
        ("pool.share.villager", "石桥镇: 33 of 127"),
        ("pool.share.ordinary", "石桥镇: 77 of 127"),
    ]
    assert problems(pool_of(None)) == []
    assert problems([]) == [("pool.size", "0")]


def test_s2_the_programmes_shares_are_those_of_the_practice() -> None:
    ordinary = {"enterprise": 22, "resident": 22, "villager": 33}
    right = ordinary | {"deputy": 11, "cppcc": 9, "democratic": 4, "party_delegate": 6, "retired_cadre": 3}

    def fields(counts: dict[str, int]) -> set[str]:
        people = [Candidate(f"{s}-{i}", s) for s, n in counts.items() for i in range(n)]
        return {p.field for p in problems_of(PROGRAMME, people)}

    assert fields(right) == set()
    assert fields(right | {"enterprise": 21, "deputy": 12}) == {"pool.share.enterprise", "pool.share.ordinary"}
    assert fields(right | {"deputy": 0}) == {"pool.size"}
