"""Parameters that several subjects take."""

from typing import Annotated

from fastapi import Query as Parameter

PAGE = 100
Text = Annotated[str | None, Parameter(max_length=128)]
