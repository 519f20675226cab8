"""Files of the Batch API, in memory, and the multipart form in which they come."""

from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from typing import Any


@dataclass(frozen=True)
class StoredFile:
    """A file and what is told about it."""

    id: str
    name: str
    purpose: str
    created_at: int
    content: bytes

    def shown(self) -> dict[str, Any]:
        """Return the file object of the API."""
        return {
            "id": self.id,
            "object": "file",
            "bytes": len(self.content),
            "created_at": self.created_at,
            "expires_at": None,
            "filename": self.name,
            "purpose": self.purpose,
            "status": "processed",
            "status_details": None,
        }


@dataclass(frozen=True)
class Upload:
    """What a form asks to be stored."""

    purpose: str
    name: str
    content: bytes

    @classmethod
    def read(cls, content_type: str, body: bytes) -> "Upload | None":
        """Return the upload in a `multipart/form-data` body; None without the parts `file` and `purpose`."""
        head = f"MIME-Version: 1.0\r\nContent-Type: {content_type}\r\n\r\n".encode("latin-1")
        form = message_from_bytes(head + body)
        parts = {_name(part): part for part in form.walk() if not part.is_multipart()}
        if not {"file", "purpose"} <= parts.keys():
            return None
        purpose = _bytes(parts["purpose"]).decode("utf-8", "replace")
        return cls(purpose, parts["file"].get_filename() or "upload", _bytes(parts["file"]))


def _name(part: Message) -> str:
    return str(part.get_param("name", "", "content-disposition"))


def _bytes(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""
