"""No phone, ID number, card, e-mail or name of the complainant leaves intake, and nothing else is touched (I3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.scrub import (
    BANK_CARD,
    E_MAIL,
    ID_NUMBER,
    NAME,
    PHONE,
    Known,
    has_valid_checksum,
    passes_luhn,
    scrub,
)

ID_18 = next(
    f"11010119900307027{c}" for c in "0123456789X" if has_valid_checksum(f"11010119900307027{c}")
)  # no person's number
CARD = next(f"622202000000000000{c}" for c in "0123456789" if passes_luhn(f"622202000000000000{c}"))


def test_the_checks_are_those_of_the_standards() -> None:
    assert has_valid_checksum("11010519491231002X")  # the example of GB 11643-1999
    assert not has_valid_checksum("110105194912310021")
    assert passes_luhn("79927398713")
    assert not passes_luhn("79927398710")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("电话13800001111请回电", f"电话{PHONE}请回电"),
        ("电话138-0000-1111。", f"电话{PHONE}。"),
        ("电话138 0000 1111", f"电话{PHONE}"),
        ("电话138\u00a00000\u30001111", f"电话{PHONE}"),
        ("电话138\u200b0000\u200b1111", f"电话{PHONE}"),
        ("电话138.0000.1111", f"电话{PHONE}"),
        ("电话138－0000－1111", f"电话{PHONE}"),
        ("电话138——0000——1111", f"电话{PHONE}"),
        ("电话1 3 8 0 0 0 0 1 1 1 1", f"电话{PHONE}"),
        ("电话１３８００００１１１１", f"电话{PHONE}"),
        ("电话𝟭𝟯𝟴𝟬𝟬𝟬𝟬𝟭𝟭𝟭𝟭", f"电话{PHONE}"),
        ("电话一三八零零零零一一一一", f"电话{PHONE}"),
        ("幺三八〇〇〇〇一一一一找我", f"{PHONE}找我"),
        ("+86 138 0000 1111", PHONE),
        ("+8613800001111", PHONE),
        ("008613800001111", PHONE),
        ("wx13800001111", f"wx{PHONE}"),
        ("13800001111/13900002222", f"{PHONE}/{PHONE}"),
        ("13800001111、13900002222", f"{PHONE}、{PHONE}"),
        ("13800001111 13900002222", f"{PHONE} {PHONE}"),
        ("1380000111113900002222", PHONE + PHONE),
        ("1.13800001111", f"1.{PHONE}"),
        ("2019-02-28 13800001111", f"2019-02-28 {PHONE}"),
        ("3栋 13800001111 5号", f"3栋 {PHONE} 5号"),
        ("电话13800001111元旦期间也通", f"电话{PHONE}元旦期间也通"),
        ("0731-85550000", PHONE),
        ("(0731)85550000", PHONE),
        ("（０７３１）８５５５００００", PHONE),
        ("073185550000", PHONE),
        ("010-55550000", PHONE),
        ("021 5555 0000", PHONE),
        ("座机：85550000", f"座机：{PHONE}"),
        ("联系电话是8555-0000", f"联系电话是{PHONE}"),
        ("400-820-0000", PHONE),
        ("4008200000", PHONE),
        ("800 820 0000", PHONE),
        (f"身份证{ID_18}", f"身份证{ID_NUMBER}"),
        ("身份证11010119900307027X", f"身份证{ID_NUMBER}"),
        ("身份证11010119900307027x。", f"身份证{ID_NUMBER}。"),
        ("身份证110101199003070279", f"身份证{ID_NUMBER}"),  # wrong checksum: somebody's all the same
        ("身份证110101 19900307 0273", f"身份证{ID_NUMBER}"),
        ("身份证110101－19900307－0273", f"身份证{ID_NUMBER}"),
        ("身份证１１０１０１１９９００３０７０２７３", f"身份证{ID_NUMBER}"),
        ("老身份证110101900307027", f"老身份证{ID_NUMBER}"),
        ("110101199003070273" + "13800001111", ID_NUMBER + PHONE),
        ("写信到 zhang.san@example.com 谢谢", f"写信到 {E_MAIL} 谢谢"),
        ("邮箱zhang＠example．com", f"邮箱{E_MAIL}"),
        ("13800001111@example.com", E_MAIL),
        (f"卡号{CARD}", f"卡号{BANK_CARD}"),
        (f"卡号{CARD[:4]} {CARD[4:8]} {CARD[8:12]} {CARD[12:16]} {CARD[16:]}", f"卡号{BANK_CARD}"),
    ],
)
def test_numbers_of_a_person_are_replaced_however_they_are_written(given: str, expected: str) -> None:
    assert scrub(given) == expected


@pytest.mark.parametrize(
    "text",
    [
        "2019年2月28日11:25:05，2019-02-28 11:25:05",
        "2019/2/8 9:05:01 至 2019/12/31",
        "20190228112505",
        "工单号2026-000123，受理编号20190228112505123",
        "订单号201902281125050001",
        "3栋2单元1301室、1302室，1301-1302-1303",
        "共226960元，约138000万元，2.5亿元",
        "补偿款13800001111元",
        "合计 13 800 000 000 元",
        "面积13812.34567890平方米，3.1415926535",
        "12345热线、110、96318",
        "人口 1 380 000，户数 1 3 5 7 9 11 13 15 17 19",
        "经度112.93881234567 纬度28.2282",
        "统一社会信用代码91430100MA4L16JQ9B",
        "8:00～17:00，早7:30-晚21:00",
        "编号85550000的路灯坏了",
        "国发〔2015〕8号，湘政办发〔2018〕62号",
        "第1、2、3、4、5、6、7、8、9、10、11项",
        "一二三四五六七",
        "长度 1500-1600-1700 毫米",
        "没有号码的话",
        "",
    ],
)
def test_ordinary_numbers_stay_as_they_are(text: str) -> None:
    assert scrub(text) == text


def test_an_eighteen_digit_number_that_is_no_identity_number_stays() -> None:
    assert scrub("流水990101199003070273") == "流水990101199003070273"


def test_what_is_known_of_the_complainant_goes_too() -> None:
    known = Known(name="欧阳小明", numbers=("55550000", "110101199003070273"))
    assert scrub("我是欧阳小明，家里5555-0000，欧阳 小明。", known) == f"我是{NAME}，家里{PHONE}，{NAME}。"


def test_a_name_of_one_character_is_no_name() -> None:
    assert scrub("王府井大街", Known(name="王")) == "王府井大街"


@given(
    before=st.sampled_from(["", "号码", "a", "（", "：", "第3栋 "]),
    digits=st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    grouping=st.sampled_from([(11,), (3, 4, 4), (3, 3, 5), (5, 6)]),
    separator=st.sampled_from([" ", "-", "\u00a0", "－", "\u3000", "\u200b", "—"]),
    wide=st.booleans(),
    after=st.sampled_from(["", "。", "号", "）", "转告", " 谢谢"]),
)
def test_no_mobile_number_survives(
    before: str, digits: str, grouping: tuple[int, ...], separator: str, wide: bool, after: str
) -> None:
    at, groups = 0, []
    for size in grouping:
        groups.append(digits[at : at + size])
        at += size
    written = separator.join(groups)
    if wide:
        written = written.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789"})
    assert scrub(before + written + after) == before + PHONE + after


@given(st.text(alphabet="0123456789 -.xX年月日元（）()+@a电话13８０一三\u00a0", max_size=60))
def test_scrubbing_twice_is_scrubbing_once(text: str) -> None:
    once = scrub(text)
    assert scrub(once) == once
