"""The table of the bundled programme's notice rules, written from the programme: who is told what (N2)."""

from services.notify import rules_file
from services.notify.domain.rule_table import COLUMNS
from services.notify.terms import TERMS
from shared import programme
from shared.programme.sources import source

KEY = "window-units"
HEAD = """# Who is told what 通知规则

The rules of the bundled programme `window-units`, in their order. An office changes them in a spreadsheet:
`minping notice rules --out rules.xlsx`, then `--from rules.xlsx --programme FILE` ([notice.md](../notice.md)).

"""
HEADINGS = (
    "#", "event 事件", "step 期限节点", "told 告诉谁", "letter 信件", "by 渠道", "urgency 缓急", "enclosed 附件",
    "remark 备注",
)  # fmt: skip
ENGLISH = {"普通": "普通 ordinary", "紧急": "紧急 urgent", "逾期通知": "逾期通知 expiry"}


def notices_page() -> str:
    """The page."""
    fields = list(COLUMNS)
    loaded = programme.load(KEY)
    rows = [HEADINGS, ("---",) * len(HEADINGS)]
    for rule, row in zip(loaded.notices, rules_file.rows(loaded, source(KEY)), strict=True):
        cells = dict(zip(fields, map(str, row), strict=True))
        event = f"{cells['event_label']} `{rule.event}`"
        told = "<br>".join(_role(role) for role in rule.tells)
        ways = "、".join((*rule.channels, *(f"→ {name}" for name in rule.fallback_channels)))
        urgency, template = ENGLISH[cells["urgency"]], f"`{rule.template}`"
        rows.append(
            (cells["number"], event, cells["steps"], told, template, ways, urgency, cells["documents"], cells["remark"])
        )
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return HEAD + "\n".join(lines) + "\n"


def _role(role: str) -> str:
    if role == "as_escalated":
        return "按提醒升级规则 as escalated"
    return f"{TERMS['zh'][f'role:{role}']} {TERMS['en'][f'role:{role}']}"
