"""The documents in Chinese."""

from deploy.documents.frames import TAB, draft, each, enclosed, foot, optional, red_head, sections, signed
from deploy.documents.ooxml import TEXT_WIDTH, cell, p, row, run, table, tag

DRAFT = draft("草稿：领导批准前不是正式文件，不得外传")
NUMBER = "{{ number }}"
FOOT = foot("抄送：", "，", "。", "{{ printed_on }}印发")
HEAD = DRAFT + red_head("{{ office }}文件")
CORRECTED = optional("correction", p("Note", "（{{ correction }}）"))
NARROW, WIDE = 1420, (TEXT_WIDTH - 2840) // 2
FORM = (NARROW, WIDE, NARROW, TEXT_WIDTH - 2 * NARROW - WIDE)
REST = TEXT_WIDTH - NARROW


def _pair(first: str, one: str, second: str, two: str) -> str:
    return row(
        cell(FORM[0], p("Label", first)),
        cell(FORM[1], p("Cell", one)),
        cell(FORM[2], p("Label", second)),
        cell(FORM[3], p("Cell", two)),
        height=560,
    )


def _wide(label: str, *content: str, height: int = 560, middle: bool = True) -> str:
    return row(
        cell(NARROW, p("Label", label)), cell(REST, *content, span=3, middle=middle), height=height, whole=height < 2000
    )


TRANSFER_CARD = (
    DRAFT
    + p("FormTitle", "登记转办卡")
    + p("FormLine", "卡号：{{ card }}", TAB, run(NUMBER))
    + table(
        FORM,
        _pair("受理编号", "{{ case }}", "来源渠道", "{{ channel }}"),
        _wide("反映事项", p("Cell", "{{ title }}")),
        _wide("反映内容", each("text", "CellBody"), height=2400, middle=False),
        _pair("问题类别", "{{ topic }}", "办理方式", "{{ track }}"),
        _pair("牵头单位", "{{ lead_unit }}", "配合单位", "{{ cooperating_units }}"),
        _pair("属地单位", "{{ territorial_unit }}", "办理期限", "{{ period }}"),
        _wide("领导批示", each("instruction", "CellBody"), p("Cell"), height=1000, middle=False),
        _wide("承办意见", p("Cell"), height=1000),
        _wide("办理结果", p("Cell"), height=1000),
        _pair("签收人", "", "签收日期", "　　年　　月　　日"),
    )
    + CORRECTED
    + p("FormLine", "{{ issuer }}　{{ signed_on }}", TAB, run("签收后退回一份"))
)

RECOMMENDATION = (
    HEAD
    + p("DocTitle", "整改建议书")
    + p("Addressee", "{{ addressee }}：")
    + p(
        "Body",
        "{% if channel %}群众通过{{ channel }}反映“{{ title }}”{% else %}群众反映“{{ title }}”{% endif %}"
        "（受理编号{{ case }}），经批准交你单位牵头办理。现将反映的情况和整改建议送你单位，请认真办理。",
    )
    + p("Heading1st", "一、反映的情况")
    + each("text")
    + p("Heading1st", "二、整改建议")
    + each("advice")
    + p("Heading1st", "三、办理要求")
    + p(
        "Body",
        "本事项按“{{ track }}”方式办理，{% if due %}请于{{ due }}前办结{% else %}"
        "请在{{ period }}内办结{% endif %}，答复群众，并将办理结果报我办。"
        "{% if provisional %}因当年放假安排尚未公布，该日期届时核定。{% endif %}",
    )
    + optional("cooperating_units", p("Body", "配合单位：{{ cooperating_units }}。"))
    + optional("basis", p("Body", "依据：{{ basis }}。"))
    + CORRECTED
    + enclosed("附件：")
    + signed()
    + FOOT
)

COMMITMENT = (
    p("DocTitle", "整改承诺书")
    + p("FormLine", "备案号：{{ number }}", TAB, run("事项编号：{{ case }}"))
    + p("Addressee", "{{ addressee }}：")
    + p("Body", "对{{ case }}号事项，我单位作出如下承诺：")
    + each("text")
    + p("Body", "完成时限：{{ due }}。")
    + p("Body", "以上承诺向社会公开，接受群众监督和践诺检查；未兑现的，按评议方案处理。")
    + CORRECTED
    + p("Body", "承诺人：{{ person }}　　　　　　（签字）")
    + signed()
)

CIRCULAR = (
    HEAD
    + p("DocTitle", "{{ title }}")
    + optional("addressee", p("Addressee", "{{ addressee }}："))
    + each("paragraphs")
    + sections()
    + CORRECTED
    + enclosed("附件：")
    + signed()
    + FOOT
)

CRITICISM = (
    HEAD
    + p("DocTitle", "关于对{{ unit }}", "予以通报批评的通报")
    + p("Addressee", "{{ addressee }}：")
    + p(
        "Body",
        "经{{ cycle }}民主评议，并按评议方案规定的程序确认，现决定对{{ unit }}予以通报批评。有关情况通报如下。",
    )
    + p("Heading1st", "一、事由")
    + each("reason")
    + optional("answer", p("Heading1st", "二、复核情况"), each("answer"))
    + p("Heading1st", "{% if answer %}三{% else %}二{% endif %}、要求")
    + p(
        "Body",
        "{{ unit }}主要负责人要对存在的问题作出书面检讨，制定整改措施{% if due %}"
        "，于{{ due }}前完成整改并报我办{% endif %}。"
        "各单位要引以为戒，举一反三，切实改进作风。",
    )
    + optional("persons", p("Body", "涉及岗位：{{ persons|join('、') }}。"))
    + p("Body", "对本决定有异议的，可按评议方案规定的期限提出申诉。")
    + CORRECTED
    + enclosed("附件：")
    + signed()
    + FOOT
)


def _figure(label: str, value: str) -> str:
    return row(cell(TEXT_WIDTH // 2, p("Label", label)), cell(TEXT_WIDTH // 2, p("CellCentre", value)), height=460)


RESULT = (
    HEAD
    + p("DocTitle", "评议结果通知书")
    + p("Addressee", "{{ addressee }}：")
    + p("Body", "{{ cycle }}民主评议政风行风工作已经结束，结果已经公布。现将你单位的评议结果通知如下：")
    + p("Note")
    + table(
        (TEXT_WIDTH // 2,) * 2,
        _figure("日常评议", "{{ daily }}"),
        _figure("集中评议", "{{ concentrated }}"),
        _figure("综合得分", "{{ composite }}"),
        _figure("评议范围", "{{ scope }}"),
        _figure("名次", "{{ rank }}"),
        _figure("名次的可信范围", "{{ rank_range }}"),
    )
    + p("Note")
    + optional("remark", p("Body", "{{ remark }}"))
    + p("Body", "各项得分的计算依据可在评议结果页面逐项查阅和复算。请你单位对照评议意见认真整改，巩固成绩，改进不足。")
    + CORRECTED
    + signed()
    + FOOT
)

OPINION = (
    HEAD
    + p("DocTitle", "关于{{ unit }}", "的评议意见书")
    + p("Addressee", "{{ addressee }}：")
    + p("Body", "根据{{ cycle }}民主评议情况，{{ author }}对你单位提出如下评议意见。")
    + p("Heading1st", "一、主要成绩")
    + each("strengths", words="{% if strengths|length > 1 %}{{ loop.index }}. {% endif %}{{ line }}")
    + p("Heading1st", "二、存在的问题")
    + each("problems", words="{% if problems|length > 1 %}{{ loop.index }}. {% endif %}{{ line }}")
    + p("Heading1st", "三、整改建议")
    + each("recommendations", words="{% if recommendations|length > 1 %}{{ loop.index }}. {% endif %}{{ line }}")
    + p("Body", "上述问题已逐项登记为整改事项，请按期办结并报送结果。")
    + CORRECTED
    + p("Body", "签发：{{ signed_by }}")
    + signed()
    + FOOT
)

BRIEFING = (
    p("BriefMark", "监督员工作简报")
    + p("BriefLine", "　第{{ issue }}期　{{ number }}", TAB, run("{{ signed_on }}"))
    + p("DocTitle", "{{ title }}")
    + p("Note")
    + each("paragraphs")
    + sections()
    + CORRECTED
    + foot("发：", "，", "。", "{{ printed_on }}印发")
)

APPOINTMENT = (
    p("Certificate", "聘　书")
    + p("FormTitle")
    + p("Addressee", "{{ name }}{% if honorific %}{{ honorific }}{% endif %}：")
    + p("Body", "兹聘请您为民主评议政风行风{{ role }}，聘期自{{ since }}起至{{ until }}止。")
    + p("Body", "请您依照评议方案参加明察暗访和评议活动，如实反映群众意见，监督各单位改进作风、落实整改。")
    + p("Body", "特发此证。")
    + CORRECTED
    + signed()
    + p("FormLine", "编号：{{ number }}", TAB, run("{% if letter %}聘任文号：{{ letter }}{% endif %}"))
)

ANNOUNCEMENT = (
    HEAD
    + p("DocTitle", "关于召开{{ cycle }}", "集中评议大会的公告")
    + p("Addressee", "{{ addressee }}：")
    + p(
        "Body",
        "定于{{ date }}{% if starts %}{{ starts }}{% endif %}{% if place %}"
        "在{{ place }}{% endif %}召开{{ cycle }}民主评议政风行风集中评议大会。现将有关事项公告如下。",
    )
    + p("Heading1st", "一、被评议单位")
    + p("Body", "{{ units }}")
    + p("Heading1st", "二、程序")
    + p("Body", "会前公告、单位述职（述廉）、现场提问、投票评议、公布结果。")
    + tag("if speaking")
    + p("Body", "作口头述职的单位：{{ speaking|join('、') }}。其余单位作书面述职。")
    + tag("endif")
    + p("Heading1st", "三、内容")
    + p(
        "Body",
        "按评议方案规定的各项指标，对被评议单位履行职责、办事公开、服务质量、办事效率、廉洁自律和整改落实情况进行评议。",
    )
    + p("Heading1st", "四、要求")
    + p(
        "Body",
        "被评议单位主要负责人应到会述职并回答提问；当场不能答复的，应承诺答复日期。任何单位和个人不得以任何方式走关系、拉选票。",
    )
    + CORRECTED
    + enclosed("附件：")
    + signed()
    + FOOT
)

FEEDBACK = (
    HEAD
    + p("DocTitle", "{{ title }}")
    + p("Addressee", "{{ addressee }}：")
    + p("Body", "感谢您参加{{ cycle }}民主评议政风行风工作。现将评议结果和您关心的问题的办理情况向您反馈如下。")
    + each("paragraphs")
    + sections()
    + CORRECTED
    + enclosed("附件：")
    + signed()
    + FOOT
)

CONTENTS = {
    "transfer_card": TRANSFER_CARD,
    "recommendation_letter": RECOMMENDATION,
    "commitment": COMMITMENT,
    "circular": CIRCULAR,
    "circulated_criticism": CRITICISM,
    "result_notice": RESULT,
    "appraisal_opinion": OPINION,
    "supervisors_briefing": BRIEFING,
    "letter_of_appointment": APPOINTMENT,
    "meeting_announcement": ANNOUNCEMENT,
    "evaluators_feedback": FEEDBACK,
}
