"""python -m services.scoring.verify FILE [--receipt R] [--openings O] [--trusted KEYS] [--json FILE]"""

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
    parser.add_argument("--json", metavar="FILE", help="machine-readable report; - for stdout")
    given = parser.parse_args(arguments)
    trusted = None if given.trusted is None else set(given.trusted.read_text(encoding="utf-8").split())
    report = verify_file(given.file, given.receipt, given.openings, trusted)
    machine = json.dumps(report.to_json(), ensure_ascii=False, indent=2)
    if given.json == "-":
        print(machine)
    else:
        print(report.text())
        if given.json:
            Path(given.json).write_text(machine + "\n", encoding="utf-8")
    return report.exit_code


if __name__ == "__main__":
    sys.exit(main())
