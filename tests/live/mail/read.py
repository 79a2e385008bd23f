"""Prints the mails of a Maildir as JSON, as Python's own parser reads them."""

import email
import json
import pathlib
import sys
from email import policy

mails = []
for file in sorted(pathlib.Path(sys.argv[1], "new").iterdir()):
    mail = email.message_from_bytes(file.read_bytes(), policy=policy.default)
    mails.append(
        {
            "to": str(mail["To"]),
            "from": str(mail["From"]),
            "subject": str(mail["Subject"]),
            "id": str(mail["Message-ID"]),
            "date": mail["Date"].datetime.isoformat(),
            "type": mail.get_content_type(),
            "text": mail.get_content(),
        }
    )
print(json.dumps(mails))
