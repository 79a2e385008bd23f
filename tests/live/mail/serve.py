"""A mail server on this machine: takes mails of who logs in, puts them into a Maildir, and ends with its standard input."""

import sys

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Mailbox
from aiosmtpd.smtp import AuthResult


def authenticate(server, session, envelope, mechanism, data):
    # Not handled: the server says what there is to say.
    return AuthResult(success=(data.login, data.password) == (b"greenlit", b"p@ss:w/rd"), handled=False)


class Handler(Mailbox):
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 there is no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"


controller = Controller(
    Handler(sys.argv[1]),
    hostname="127.0.0.1",
    port=int(sys.argv[2]),
    authenticator=authenticate,
    auth_required=True,
    auth_require_tls=False,
)
controller.start()
sys.stdin.read()
controller.stop()
