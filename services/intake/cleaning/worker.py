"""The process that cleans one file: `python -P -m services.intake.cleaning.worker FAMILY SOURCE TARGET`.

Says as JSON what came of it. Its memory, its time and what it writes are bounded by the system.
"""

import json
import resource
import sys
from pathlib import Path

from services.intake.cleaning import Unclean

MEMORY = 1 << 30
SECONDS = 60


def cleaned(family: str, source: Path, target: Path) -> str:
    """Clean a file by its family; gives its media type. Raises Unclean."""
    match family:
        case "jpeg" | "png" | "webp" | "heic":
            from services.intake.cleaning import image

            return image.clean(family, source, target)
        case "pdf":
            from services.intake.cleaning import pdf

            return pdf.clean(source, target)
        case "office":
            from services.intake.cleaning import office

            return office.clean(source, target)
        case "mp4":
            from services.intake.cleaning import film

            return film.clean(source, target)
        case "wav" | "mp3":
            from services.intake.cleaning import sound

            return (sound.clean_wav if family == "wav" else sound.clean_mp3)(source, target)
        case _:
            raise ValueError(family)


def main() -> None:
    """Clean what the arguments name, within bounds."""
    family, source, target, most = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        said = {"media_type": cleaned(family, source, target)}
    except Unclean as unclean:
        said = {"reason": unclean.reason, "remedy": unclean.remedy}
    except MemoryError:
        said = {"reason": "it takes too much memory to open", "remedy": "send it smaller"}
    print(json.dumps(said))


if __name__ == "__main__":
    main()
