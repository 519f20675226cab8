"""What an adjudicator's page sends."""


def decision(ruling: str, reason: str, comment: str | None = None) -> list[dict[str, object]]:
    """As Label Studio's own interface would send it."""
    said: list[dict[str, object]] = [
        {"from_name": name, "to_name": "question", "type": "choices", "value": {"choices": [str(code)]}}
        for name, code in (("ruling", ruling), ("reason", reason))
    ]
    if comment is not None:
        written = {"from_name": "comment", "to_name": "question", "type": "textarea", "value": {"text": [comment]}}
        said.append(written)
    return said
