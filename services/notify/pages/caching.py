"""Public pages that anybody may keep for a minute, and ask whether they changed (RFC 9111, RFC 9110)."""

import hashlib

from fastapi import Request, Response

KEPT_S = 60


def kept(request: Request, answer: Response) -> Response:
    """The answer with a tag of its content; 304 without a body where the reader has it already."""
    tag = f'"{hashlib.sha256(bytes(answer.body)).hexdigest()[:32]}"'
    answer.headers["Cache-Control"] = f"public, max-age={KEPT_S}"
    answer.headers["ETag"] = tag
    asked = {part.strip().removeprefix("W/") for part in request.headers.get("if-none-match", "")[:2_000].split(",")}
    if tag not in asked and "*" not in asked:
        return answer
    headers = {name: value for name, value in answer.headers.items() if name not in ("content-length", "content-type")}
    return Response(status_code=304, headers=headers)
