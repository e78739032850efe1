"""A house that was played on, left running for people to look at."""

import signal
import threading

from rich.console import Console

from deploy.local.deployment import Deployment


def stay(deployment: Deployment, console: Console) -> None:
    """Print the addresses and a sign-in link for each role; return at Ctrl-C."""
    for service, url in deployment.urls.items():
        console.print(f"{service}: {url}/docs")
    for role in ("clerk", "office", "approver", "auditor", "operator"):
        console.print(f"{role}: {deployment.urls['intake']}/signin?token={deployment.token(role)}")
    console.print("Ctrl-C 结束 ends it")
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    ended.wait()
