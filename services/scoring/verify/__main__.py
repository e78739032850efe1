"""python -m services.scoring.verify FILE [--receipt R] [--openings O] [--trusted K] [--timestamp T --tsa P] [--note]"""

import argparse
import json
import sys
from pathlib import Path

from services.scoring.verify import verify_file


def main(arguments: list[str] | None = None) -> int:
    """Check one file; returns 0 all holds · 1 something does not · 2 not a file of ours."""
    parser = argparse.ArgumentParser(prog="minping verify", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--receipt", type=Path, help="a representative's receipt")
    parser.add_argument("--openings", type=Path, help="ballots opened in a dispute")
    parser.add_argument("--trusted", type=Path, help="a text file with the published vkeys, one a line")
    parser.add_argument("--timestamp", type=Path, help="an RFC 3161 time stamp over the checkpoint")
    parser.add_argument("--tsa", type=Path, help="root certificates (PEM) of the time-stamping authority")
    parser.add_argument("--note", type=Path, help="the note of a published result; without it FILE.note")
    parser.add_argument("--json", metavar="FILE", help="machine-readable report; - for stdout")
    given = parser.parse_args(arguments)
    trusted = None if given.trusted is None else set(given.trusted.read_text(encoding="utf-8").split())
    report = verify_file(given.file, given.receipt, given.openings, trusted, given.timestamp, given.tsa, given.note)
    machine = json.dumps(report.to_json(), ensure_ascii=False, indent=2)
    if given.json == "-":
        print(machine)
        print(report.conclusion, file=sys.stderr)
    else:
        print(report.text())
        if given.json:
            Path(given.json).write_text(machine + "\n", encoding="utf-8")
    return report.exit_code


if __name__ == "__main__":
    sys.exit(main())
