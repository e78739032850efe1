"""Official documents (N5): their kinds, their templates, and the press that fills them in."""

from functools import cache

from services.notify.documents.filling import Facts
from services.notify.documents.kinds import BY_HAND, KINDS, Kind, number
from services.notify.documents.press import LANGUAGES, MEDIA_TYPE, Press
from services.notify.documents.specimens import SPECIMENS


@cache
def _press() -> Press:
    return Press()


def render(kind: str, facts: Facts, language: str) -> bytes:
    """A document by the delivered template; an office's own templates are those of the desk's press. Raises Refusal."""
    return _press().render(kind, facts, language)


__all__ = ["BY_HAND", "KINDS", "LANGUAGES", "MEDIA_TYPE", "SPECIMENS", "Kind", "Press", "number", "render"]
