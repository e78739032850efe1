"""The `minping` command. Each command is a Typer application in a module of its own, imported only when it is used."""

from __future__ import annotations

import difflib
import sys
from importlib import import_module, metadata
from typing import NamedTuple


class Command(NamedTuple):
    """Where a command lives (a module with a Typer `app`) and what it is for."""

    module: str
    purpose: str


COMMANDS: dict[str, Command] = {
    "demo": Command("demo", "one whole cycle: complaints, cases, votes, seal, ranking, letters"),
    "simulate": Command("simulate", "whole years of a programme with invented people, and a report"),
    "up": Command("up", "the whole house on this machine, to work with"),
    "verify": Command("verify", "check a sealed bundle or a draw's proof, offline"),
    "token": Command("token", "issue: a bearer token and sign-in link for a role"),
    "import": Command("import_", "register an export of a hotline (.xlsx, .csv, .jsonl) through the bus"),
    "units": Command("units", "import: the register of units (.xlsx, .csv) into a running house"),
    "suggest": Command("suggest", "evaluate: how well past decisions could be suggested from the texts"),
    "source": Command("source", "add, list: hotlines and other sources with an account on the bus"),
    "offices": Command(
        "offices", "check, list, admit, withdraw: several offices, strictly apart, and who files to whom"
    ),
    "teller": Command("teller", "key, sign, destroyed: a teller's own, offline; ballot-key splits the meeting's"),
    "cards": Command("cards", "print, destroy: the cards of a meeting, offline, under two tellers"),
    "meeting": Command(
        "meeting",
        "show, enrol, key, cards, open, close, reopen, count, sign, seal, minutes, destroyed, recount, stamp, "
        "paper, add: a meeting in a running house",
    ),
    "draw": Command("draw", "commit, freeze, run, verify: the lots, offline; pool, meeting: in a running house"),
    "evaluations": Command("evaluations", "codes: one-time codes for service receipts, as sheets with QR codes a unit"),
    "questionnaire": Command("questionnaire", "open, codes, report: people whom units served are asked"),
    "programme": Command("programme", "check, diff, list, schema, publish, amend: the rules of one appraisal"),
    "score": Command("score", "explain: a unit's score as arithmetic to redo by hand, running or from a bundle"),
    "notice": Command(
        "notice",
        "preview, rules, trace, rebuild, bounces: whom, what, why, the proof; its directory, papers, suppressions",
    ),
    "deadline": Command("deadline", "explain: a due date, day by day"),
    "ledger": Command("ledger", "verify: the hash chain of all cases"),
    "vault": Command("vault", "keys, rotate: the key to which identities are sealed"),
    "dead-letters": Command("dead_letters", "list, show, replay: events that could not be processed"),
    "bench": Command("bench", "ours and its limit in one run, the median of five, the ratio"),
    "compose": Command("compose", "prepare: keys, passwords and configuration for docker-compose.yml"),
    "provision": Command("provision", "make the bus's streams and consumers as declared"),
    "doctor": Command("doctor", "name every unreachable part and every drift"),
}


def main() -> None:
    """Run a command; exit 2 for what the user can put right, with the reason on stderr."""
    name, arguments = (sys.argv[1], sys.argv[2:]) if len(sys.argv) > 1 else ("--help", [])
    if name in ("-h", "--help", "help"):
        print(overview())
        return
    if name == "--version":
        print(f"minping {_version()}")
        return
    if name not in COMMANDS:
        near = difflib.get_close_matches(name, COMMANDS, n=1)
        hint = f" Did you mean `minping {near[0]}`?" if near else ""
        sys.exit(_complain(f"no such command: {name}.{hint} `minping --help` lists them."))
    run(name, arguments)


def _version() -> str:
    try:
        return metadata.version("minping")
    except metadata.PackageNotFoundError:  # run from a copy of the code, as in the container
        return "(not installed as a package)"


def run(name: str, arguments: list[str]) -> None:
    """Run one command as the shell would; ends with SystemExit."""
    import typer

    from shared.errors import Refusal

    app: typer.Typer = import_module(f"deploy.local.commands.{COMMANDS[name].module}").app
    try:
        typer.main.get_command(app)(args=arguments, prog_name=f"minping {name}")
    except Refusal as refusal:
        sys.exit(_complain(f"{refusal.field} {refusal.value!r}: {refusal.reason}. {refusal.remedy}."))


def overview() -> str:
    """The list of commands."""
    width = max(map(len, COMMANDS))
    lines = [f"  {name:{width}}  {command.purpose}" for name, command in COMMANDS.items()]
    return "\n".join(
        (
            "民评 minping: from a complaint to a sealed vote, a ranking and a letter",
            "",
            "Usage: minping COMMAND [OPTIONS]    (minping COMMAND --help tells more)",
            "",
            *lines,
        )
    )


def _complain(text: str) -> int:
    print(f"minping: {text}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    main()
