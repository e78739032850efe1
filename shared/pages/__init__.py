"""Pages for people, the same look in every service: templates, languages, headers, errors, forms. Domain-free.

Pages work without JavaScript and without cookies, and no page loads anything from elsewhere: offices have no internet,
and a page that may run no script runs none that somebody wrote into a complaint (X9).
"""

from shared.pages.forms import Draft, FormPost, form_key, own_form, read_form
from shared.pages.house import PageRoute, Pages
from shared.pages.wording import Wording

__all__ = ["Draft", "FormPost", "PageRoute", "Pages", "Wording", "form_key", "own_form", "read_form"]
