"""What goes to units on paper and to the public through the media: parts of a programme (I6, I12, I18)."""

from typing import Annotated

from pydantic import Field

from shared.programme.values import Label, Number, Part, WorkingDays


class Recommendation(Part):
    """What a recommendation letter (整改建议书) says where the clerk writes nothing of his own."""

    advice: Label = Label(
        zh="请查清事实，落实整改措施，对违规违纪问题追究责任，切实解决群众反映的问题，并将结果答复群众。",
        en="Please establish the facts, carry out measures, deal with misconduct, solve it and answer the public.",
    )
    basis: Label = Label(zh="本评议方案", en="The programme of this appraisal")


class Roster(Part):
    """上线安排: the leader is told this many working days before his show; how long a show lasts unless it is said."""

    warning: WorkingDays = 1
    minutes: Annotated[Number, Field(le=600)] = 60
