"""Evidence files are written anew (X8): what a picture, a letter or a film carries along does not come with it.

Each module reads one family of files and writes a new one: `clean(source, target)` gives the media type and raises
`Unclean` for what cannot be made clean. They run in a process of their own (`worker`), with bounds on memory and time
and without a secret in its environment: a file that breaks a reader breaks nothing else.
"""


class Unclean(Exception):
    """A file that cannot be taken: the reason, and what its sender can do."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"{reason}; {remedy}")
        self.reason = reason
        self.remedy = remedy
