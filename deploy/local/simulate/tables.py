"""A small export of another desk's hotline with the mess that real ones have (I13)."""

import csv
import io
from collections.abc import Sequence
from datetime import date, timedelta

EXPORTER = "township-desk"
"""The desk whose export it is: a source with an account of its own on the bus."""

HEADER = ("工单编号", "标题", "内容", "来电时间", "姓名", "电话", "单位")


def messy(until: date, unit: str, year: int) -> bytes:
    """An export in CSV: mixed dates, leading tabs, NBSP, a row twice, an empty row, a missing text, no time.

    All rows lie in the fortnight before `until`. unit: whom the rows complain of, as people write it.
    """
    days = [until - timedelta(days=13 - n) for n in range(10)]
    said = [f"{unit}窗口{what}（台账{year}）" for what in (
        "叫号机坏了两周没有人修，老人只能站着等", "中午无人值班，上班族只能请假来办", "要求重复提交同一份证明",
        "电话公布了但一直没有人接", "排队时工作人员在聊天", "自助机少打了一页材料",
    )]  # fmt: skip
    rows: list[Sequence[str]] = [
        (f"X{year}-1", "叫号", said[0], days[0].strftime("%Y-%m-%d 09:15"), "来访人甲", "13700000001", unit),
        (f"X{year}-2", "值班", f"\t{said[1]}", days[1].strftime("%Y/%m/%d 10:20"), "来访人乙", "13700000002", unit),
        (
            f"X{year}-3",
            "证明",
            f"{said[2]}\u00a0",
            f"{days[2].year}年{days[2].month}月{days[2].day}日",
            "来访人丙",
            "",
            unit,
        ),
        (f"X{year}-4", "电话", said[3], days[3].strftime("%Y.%m.%d 15:40"), "", "", ""),
        (f"X{year}-1", "叫号", said[0], days[0].strftime("%Y-%m-%d 09:15"), "来访人甲", "13700000001", unit),
        (f"X{year}-5", "又一件", said[5], days[5].strftime("%Y-%m-%d 11:00"), "来访人丁", "13700000004", unit),
        (f"X{year}-6", "空白", "", days[6].strftime("%Y-%m-%d 16:05"), "来访人戊", "13700000005", unit),
        (f"X{year}-7", "聊天", said[4], "上星期三", "来访人己", "13700000006", unit),
        ("", "", "", "", "", "", ""),
    ]
    out = io.StringIO()
    csv.writer(out).writerows([HEADER, *rows])
    return b"\xef\xbb\xbf" + out.getvalue().encode()
