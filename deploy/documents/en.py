"""The documents in English."""

from deploy.documents.frames import TAB, draft, each, enclosed, foot, optional, red_head, sections, signed
from deploy.documents.ooxml import TEXT_WIDTH, cell, p, row, run, table, tag

DRAFT = draft("Draft: not an official document before approval, not to be passed on")
NUMBER = "No. {{ number }}"
FOOT = foot("Copies: ", ", ", ".", "Printed on {{ printed_on }}")
HEAD = DRAFT + red_head("{{ office }}", NUMBER)
CORRECTED = optional("correction", p("Note", "({{ correction }})"))
NARROW, WIDE = 1900, (TEXT_WIDTH - 3800) // 2
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
    + p("FormTitle", "Transfer card")
    + p("FormLine", "Card {{ card }}", TAB, run("{% if number %}No. {{ number }}{% endif %}"))
    + table(
        FORM,
        _pair("Complaint", "{{ case }}", "Channel", "{{ channel }}"),
        _wide("Matter", p("Cell", "{{ title }}")),
        _wide("What was reported", each("text", "CellBody"), height=1700, middle=False),
        _pair("Topic", "{{ topic }}", "Track", "{{ track }}"),
        _pair("Lead unit", "{{ lead_unit }}", "Helping units", "{{ cooperating_units }}"),
        _pair("Territory", "{{ territorial_unit }}", "Period", "{{ period }}"),
        _wide("Instruction", each("instruction", "CellBody"), p("Cell"), height=760, middle=False),
        _wide("Opinion", p("Cell"), height=760),
        _wide("Outcome", p("Cell"), height=760),
        _pair("Received by", "", "Received on", ""),
    )
    + CORRECTED
    + p("FormLine", "{{ issuer }}, {{ signed_on }}", TAB, run("Please return one copy"))
)

RECOMMENDATION = (
    HEAD
    + p("DocTitle", "Recommendation for rectification")
    + p("Addressee", "{{ addressee }}:")
    + p(
        "Body",
        "{% if channel %}Through “{{ channel }}” the public "
        "reported{% else %}The public reported{% endif %} “{{ title }}” "
        "(complaint {{ case }}). By approval, your unit is in charge. What was reported and what we recommend follow.",
    )
    + p("Heading1st", "1. What was reported")
    + each("text")
    + p("Heading1st", "2. Recommendations")
    + each("advice")
    + p("Heading1st", "3. Requirements")
    + p(
        "Body",
        "Track: {{ track }}. Please settle the matter {% if due %}"
        "by {{ due }}{% else %}within {{ period }}{% endif %}, "
        "answer the public and report the outcome to this office."
        "{% if provisional %} The holidays of that year are not "
        "yet announced: the date will be checked then.{% endif %}",
    )
    + optional("cooperating_units", p("Body", "Cooperating: {{ cooperating_units }}."))
    + optional("basis", p("Body", "Basis: {{ basis }}."))
    + CORRECTED
    + enclosed("Enclosed: ")
    + signed()
    + FOOT
)

COMMITMENT = (
    p("DocTitle", "Written commitment")
    + p("FormLine", "Filed as {{ number }}", TAB, run("Case {{ case }}"))
    + p("Addressee", "{{ addressee }}:")
    + p("Body", "On case {{ case }} our unit promises:")
    + each("text")
    + p("Body", "To be kept by {{ due }}.")
    + p(
        "Body",
        "This commitment is published. It is open to supervision and will "
        "be inspected; if it is not kept, the programme says what follows.",
    )
    + CORRECTED
    + p("Body", "Promised by {{ person }}: ____________________")
    + signed()
)

CIRCULAR = (
    HEAD
    + p("DocTitle", "{{ title }}")
    + optional("addressee", p("Addressee", "{{ addressee }}:"))
    + each("paragraphs")
    + sections()
    + CORRECTED
    + enclosed("Enclosed: ")
    + signed()
    + FOOT
)

CRITICISM = (
    HEAD
    + p("DocTitle", "Circulated criticism of ", "{{ unit }}")
    + p("Addressee", "{{ addressee }}:")
    + p(
        "Body",
        "In the democratic appraisal of {{ cycle }}, and confirmed "
        "as the programme prescribes, it was decided to criticise "
        "{{ unit }} in this circular.",
    )
    + p("Heading1st", "1. Grounds")
    + each("reason")
    + optional("answer", p("Heading1st", "2. Review"), each("answer"))
    + p("Heading1st", "{% if answer %}3{% else %}2{% endif %}. Requirements")
    + p(
        "Body",
        "The main leader of {{ unit }} is to examine the faults in writing and to put them right"
        "{% if due %} by {{ due }}, and to report to this "
        "office{% endif %}. All other units are to draw their lessons.",
    )
    + optional("persons", p("Body", "Posts concerned: {{ persons|join(', ') }}."))
    + p("Body", "This decision may be appealed within the period that the programme gives.")
    + CORRECTED
    + enclosed("Enclosed: ")
    + signed()
    + FOOT
)


def _figure(label: str, value: str) -> str:
    return row(cell(TEXT_WIDTH // 2, p("Label", label)), cell(TEXT_WIDTH // 2, p("CellCentre", value)), height=460)


RESULT = (
    HEAD
    + p("DocTitle", "Notice of the result of the appraisal")
    + p("Addressee", "{{ addressee }}:")
    + p("Body", "The democratic appraisal of {{ cycle }} is over and its results are published. Your unit’s result is:")
    + p("Note")
    + table(
        (TEXT_WIDTH // 2,) * 2,
        _figure("Daily score", "{{ daily }}"),
        _figure("Concentrated score", "{{ concentrated }}"),
        _figure("Composite score", "{{ composite }}"),
        _figure("Scope", "{{ scope }}"),
        _figure("Rank", "{{ rank }}"),
        _figure("Rank, 95% range", "{{ rank_range }}"),
    )
    + p("Note")
    + optional("remark", p("Body", "{{ remark }}"))
    + p(
        "Body",
        "Every figure can be looked up and computed again on the "
        "page of results. Please put right what the appraisal found.",
    )
    + CORRECTED
    + signed()
    + FOOT
)

OPINION = (
    HEAD
    + p("DocTitle", "Appraisal opinion on ", "{{ unit }}")
    + p("Addressee", "{{ addressee }}:")
    + p("Body", "From the democratic appraisal of {{ cycle }}, {{ author }} gives this opinion on your unit.")
    + p("Heading1st", "1. Strengths")
    + each("strengths", words="{% if strengths|length > 1 %}({{ loop.index }}) {% endif %}{{ line }}")
    + p("Heading1st", "2. Problems")
    + each("problems", words="{% if problems|length > 1 %}({{ loop.index }}) {% endif %}{{ line }}")
    + p("Heading1st", "3. Recommendations")
    + each("recommendations", words="{% if recommendations|length > 1 %}({{ loop.index }}) {% endif %}{{ line }}")
    + p("Body", "Each problem was registered as a case: please settle them in time and report the outcomes.")
    + CORRECTED
    + p("Body", "Signed by {{ signed_by }}")
    + signed()
    + FOOT
)

BRIEFING = (
    p("BriefMark", "Supervisors’ briefing")
    + p("BriefLine", "　Issue {{ issue }}　No. {{ number }}", TAB, run("{{ signed_on }}"))
    + p("DocTitle", "{{ title }}")
    + p("Note")
    + each("paragraphs")
    + sections()
    + CORRECTED
    + foot("To: ", ", ", ".", "Printed on {{ printed_on }}")
)

APPOINTMENT = (
    p("Certificate", "Letter of appointment")
    + p("FormTitle")
    + p("Addressee", "{{ name }}{% if honorific %}, {{ honorific }}{% endif %}:")
    + p("Body", "You are appointed {{ role }} of the democratic appraisal, from {{ since }} to {{ until }}.")
    + p(
        "Body",
        "Please take part in inspections and appraisals as the programme "
        "says, report what the public thinks, and see to it that "
        "units mend their ways.",
    )
    + CORRECTED
    + signed()
    + p("FormLine", "No. {{ number }}", TAB, run("{% if letter %}By letter {{ letter }}{% endif %}"))
)

ANNOUNCEMENT = (
    HEAD
    + p("DocTitle", "Announcement of ", "the appraisal meeting of {{ cycle }}")
    + p("Addressee", "{{ addressee }}:")
    + p(
        "Body",
        "The meeting of the democratic appraisal of {{ cycle }} will "
        "be held on {{ date }}{% if starts %}, {{ starts }}{% endif %}"
        "{% if place %}, at {{ place }}{% endif %}.",
    )
    + p("Heading1st", "1. Units appraised")
    + p("Body", "{{ units }}")
    + p("Heading1st", "2. Procedure")
    + p("Body", "Announcement, statements of the units, questions, ballots, result.")
    + tag("if speaking")
    + p("Body", "By word of mouth: {{ speaking|join(', ') }}. All others hand in a written statement.")
    + tag("endif")
    + p("Heading1st", "3. Content")
    + p(
        "Body",
        "The dimensions of the programme: how the units do their duty, "
        "openness, service, speed, integrity, and what they put right.",
    )
    + p("Heading1st", "4. Requirements")
    + p(
        "Body",
        "Main leaders are to be present and to answer; what cannot be answered at once is answered by a promised date. "
        "Canvassing in any form is forbidden.",
    )
    + CORRECTED
    + enclosed("Enclosed: ")
    + signed()
    + FOOT
)

FEEDBACK = (
    HEAD
    + p("DocTitle", "{{ title }}")
    + p("Addressee", "{{ addressee }}:")
    + p(
        "Body",
        "Thank you for taking part in the democratic appraisal of "
        "{{ cycle }}. This is its result, and what became of the matters "
        "that were raised.",
    )
    + each("paragraphs")
    + sections()
    + CORRECTED
    + enclosed("Enclosed: ")
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
