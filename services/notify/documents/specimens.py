"""A specimen of each kind in each language: what templates are checked with, what the docs' pictures show."""

from collections.abc import Mapping
from datetime import date
from typing import Any

Specimens = Mapping[str, Mapping[str, Any]]
DAY = date(2026, 3, 2)

_TEXT_ZH = [
    "三号窗口每天下午四点就没有人了，跑了三趟都没有办成营业执照。",
    "第一次去说材料不全，没有一次性告知；第二次去说经办人不在；第三次去窗口已经关了。希望按公示的时间办公，一次说清楚要带什么。",
]
_TEXT_EN = [
    "Nobody is at window 3 after four in the afternoon: three visits, and still no business licence.",
    "First a paper was missing, of which nothing had been said; "
    "then the clerk was out; the third time the window was closed.",
]


def _common(zh: bool) -> dict[str, Any]:
    office = "市民主评议政风行风工作办公室" if zh else "Municipal Appraisal Office"
    return {
        "office": office, "issuer": office, "signed_on": DAY, "printed_on": DAY, "number": "民评转〔2026〕1号",
        "addressee": "清河县市场监督管理局" if zh else "To Qinghe Market Supervision Bureau",
        "copies": ["市纪委监委", "市政府督查室"] if zh else ["Discipline Commission", "Inspection Office"],
    }  # fmt: skip


def _matter(zh: bool) -> dict[str, Any]:
    return _common(zh) | {
        "case": "2026-000123", "card": "2026-000123-1",
        "title": "窗口提前下班，营业执照三次未办成" if zh else "A window that closes early",
        "text": _TEXT_ZH if zh else _TEXT_EN,
        "channel": "政风行风热线" if zh else "hotline on air",
        "topic": "服务态度和效率" if zh else "service and speed",
        "track": "限时解决" if zh else "solve at once",
        "lead_unit": "清河县市场监督管理局" if zh else "Qinghe Market Supervision Bureau",
        "cooperating_units": "清河县政务服务管理办公室" if zh else "Qinghe Office of Government Services",
        "territorial_unit": "城关镇人民政府" if zh else "Chengguan Township",
        "due": date(2026, 3, 23),
        "period": "15个工作日（至2026年3月23日）" if zh else "15 working days, to 23 March 2026",
    }  # fmt: skip


def _sections(zh: bool) -> list[dict[str, Any]]:
    head = ["单位", "受理", "办结", "满意率"] if zh else ["Unit", "Received", "Closed", "Satisfied"]
    rows = [["税务局", "32", "31", "96.8%"], ["市场监督管理局", "28", "25", "84.0%"], ["公安局", "19", "19", "100%"]]
    if not zh:
        names = ("Tax Office", "Market Supervision", "Public Security")
        rows = [[name, *row[1:]] for name, row in zip(names, rows, strict=True)]
    return [
        {
            "heading": "一、总体情况" if zh else "1. Overview",
            "paragraphs": [
                "本季度共受理群众反映79件，按期办结75件，办结率94.9%，回访满意率93.3%。各单位主要负责人重视，办理质量比上季度有所提高。"
                if zh
                else "Of 79 matters reported this quarter 75 were closed "
                "in time; of those called back 93.3% were satisfied.",
            ],
        },
        {"heading": "二、各单位办理情况" if zh else "2. By unit", "table": {"head": head, "rows": rows}},
        {
            "heading": "三、下一步工作" if zh else "3. What follows",
            "paragraphs": [
                "各单位要对照通报查找不足，对逾期事项逐件说明原因，于下月10日前报送整改进展。"
                if zh
                else "Each unit is to explain what is overdue, case by case, and to report its progress by the 10th.",
            ],
        },
    ]


def _specimens(zh: bool) -> Specimens:
    common, matter = _common(zh), _matter(zh)

    def of(series: str, **facts: Any) -> dict[str, Any]:
        return {**common, "number": f"民评{series}〔2026〕1号", **facts}

    unit = "清河县市场监督管理局" if zh else "Qinghe Market Supervision Bureau"
    everybody = "各有关单位" if zh else "To all units"
    return {
        "transfer_card": matter,
        "recommendation_letter": {
            **matter,
            "number": "民评建〔2026〕1号",
            "advice": [
                "请查清事实，落实整改措施，对违规违纪问题追究责任，切实解决群众反映的问题，并将结果答复群众。"
                if zh
                else "Please establish the facts, carry out measures, solve the problem and answer the public."
            ],
            "basis": "《基层站所和服务窗口民主评议方案》" if zh else "Programme of the democratic appraisal",
        },
        "commitment": of(
            "诺",
            case="2026-000123",
            text=["三号窗口实行A、B岗，下午五点半前不断岗；材料一次性告知。"]
            if zh
            else ["Window 3 is staffed until 17:30."],
            person="李强（局长）" if zh else "Li Qiang, director",
            due=date(2026, 6, 30),
            issuer=unit,
            addressee=common["office"] if zh else f"To {common['office']}",
        ),
        "circular": of(
            "通",
            addressee=everybody,
            title="关于2026年第一季度群众反映问题办理情况的通报"
            if zh
            else "Matters reported in the first quarter of 2026",
            sections=_sections(zh),
        ),
        "circulated_criticism": of(
            "批",
            addressee=everybody,
            unit=unit,
            cycle="2026",
            reason="在本范围综合排名末位，且综合得分低于80分。" if zh else "Last in its scope, and below 80 points.",
            answer="已对排名的误差作书面复核，结论不变。" if zh else "The doubt of the rank was reviewed in writing.",
            due=date(2026, 12, 31),
        ),
        "result_notice": of(
            "果",
            cycle="2026",
            scope="县级执法部门" if zh else "county, enforcement",
            daily="92.50",
            concentrated="88.31",
            composite="89.15",
            rank="第2名（共12个单位）" if zh else "2 of 12",
            rank_range="第1名至第4名" if zh else "1 to 4",
        ),
        "appraisal_opinion": of(
            "意",
            unit=unit,
            cycle="2026",
            author="市民评议团" if zh else "the citizens’ panel",
            strengths=["办事公开，收费有据。", "热线事项按期办结。"]
            if zh
            else ["Open procedure.", "Hotline matters closed in time."],
            problems=["窗口提前下班。", "一次性告知落实不到位。"]
            if zh
            else ["Windows close early.", "Papers are asked for twice."],
            recommendations=["落实A、B岗制度。"] if zh else ["Cover every post."],
            signed_by="评议团团长" if zh else "the panel’s leader",
        ),
        "supervisors_briefing": of(
            "简",
            title="2026年第一季度监督工作情况" if zh else "Supervision in the first quarter of 2026",
            issue="1",
            sections=_sections(zh),
        ),
        "letter_of_appointment": of(
            "聘",
            name="王芳" if zh else "Ms Wang Fang",
            honorific="同志" if zh else "",
            role="监督员" if zh else "supervisor",
            since=DAY,
            until=date(2028, 3, 1),
        ),
        "meeting_announcement": of(
            "告",
            addressee=everybody,
            cycle="2026",
            date=date(2026, 11, 20),
            starts="9:00",
            place="市民中心报告厅" if zh else "the Civic Centre",
            units="税务局、市场监督管理局、公安局等12个单位" if zh else "12 units of the county",
            speaking=["税务局", "公安局", "市场监督管理局"] if zh else ["Tax Office", "Public Security"],
        ),
        "evaluators_feedback": of(
            "馈",
            addressee="各位评议员" if zh else "To all evaluators",
            title="关于2026年度民主评议结果的反馈" if zh else "What your appraisal of 2026 led to",
            cycle="2026",
            sections=_sections(zh),
        ),
    }


SPECIMENS: Mapping[str, Specimens] = {"zh": _specimens(True), "en": _specimens(False)}
