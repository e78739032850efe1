"""What all forms have in common."""

from pydantic import BaseModel, ConfigDict, Field

Key = Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]*$")


class Form(BaseModel):
    """A body that is refused when it has a field that we do not know."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
