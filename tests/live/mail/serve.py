"""A mail server on this machine: takes mails of who logs in, puts them into a Maildir, and ends with its standard input.

As `tls` it speaks nothing but TLS, as `starttls` it takes no mail before it; its certificate is by an authority of its own, which it
writes beside the Maildir as `authority.pem`.
"""

import pathlib
import ssl
import sys

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Mailbox
from aiosmtpd.smtp import AuthResult

mails, port, manner = sys.argv[1:]


def authenticate(server, session, envelope, mechanism, data):
    # Not handled: the server says what there is to say.
    return AuthResult(success=(data.login, data.password) == (b"greenlit", b"p@ss:w/rd"), handled=False)


class Handler(Mailbox):
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 there is no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"


def certified():
    authority = trustme.CA()
    authority.cert_pem.write_to_path(pathlib.Path(mails).with_name("authority.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


ways = {
    "plain": lambda: {"auth_require_tls": False},
    "starttls": lambda: {"tls_context": certified(), "require_starttls": True},
    # The library knows of no TLS that was there before it.
    "tls": lambda: {"ssl_context": certified(), "auth_require_tls": False},
}
controller = Controller(
    Handler(mails),
    hostname="127.0.0.1",
    port=int(port),
    authenticator=authenticate,
    auth_required=True,
    **ways[manner](),
)
controller.start()
sys.stdin.read()
controller.stop()
