"""A mail server for tests, on a free port of loopback.

Its options are a JSON object, the only argument. It prints a line of JSON once it listens, and one for each command
that it reads from standard input; it ends with that. What it does with a recipient is in the local part:
refused… is 550, later… is 451, closing… is 421 and the end of the connection; unwanted… is 554 after the content.
"""

import asyncio
import email
import email.header
import email.policy
import email.utils
import json
import logging
import pathlib
import socket
import ssl
import subprocess
import sys
import tempfile
import warnings

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

# Some tests want logins without encryption, or handshakes that fail.
warnings.simplefilter("ignore")
logging.getLogger("mail.log").setLevel(logging.CRITICAL)

options = json.loads(sys.argv[1])
mails = []
connections = []


class Server(SMTP):
    def connection_made(self, transport):
        # Called again after STARTTLS.
        if self not in connections:
            connections.append(self)
            self.mails = 0
        super().connection_made(transport)

    async def push(self, status):
        await super().push(status)
        if str(status).startswith("421"):
            self.transport.close()

    async def smtp_MAIL(self, arg):
        if options.get("mails_per_connection") == self.mails:
            await self.push("421 4.7.0 too many mails for one connection")
        elif options.get("refuses_sender"):
            await self.push("550 5.1.8 sender address refused")
        else:
            await super().smtp_MAIL(arg)


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if address.startswith("refused"):
            return "550-5.1.1 no such user\r\n550 5.1.1 here"
        if address.startswith("later"):
            return "451 4.2.0 try again later"
        if address.startswith("closing"):
            return "421 4.3.2 closing"
        if address.startswith("login"):
            return "530 5.7.0 authentication required"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if envelope.rcpt_tos[0].startswith("unwanted"):
            return "554 5.7.1 unwanted content"
        if envelope.rcpt_tos[0].startswith("silent"):
            await asyncio.sleep(60)
        server.mails += 1
        mails.append(describe(session, envelope))
        return "250 OK"


def describe(session, envelope):
    content = envelope.original_content
    message = email.message_from_string(content.decode(), policy=email.policy.SMTPUTF8)
    parts = [
        {"type": part.get_content_type(), "charset": part.get_content_charset(), "text": part.get_content().replace("\r\n", "\n"),
         "language": part["content-language"]}
        for part in message.iter_parts()
    ]
    to = message["to"].addresses
    sender = message["from"].addresses
    return {
        "mailFrom": envelope.mail_from,
        "recipient": envelope.rcpt_tos[0],
        "fromName": name_in(content, "from"),
        "from": sender[0].addr_spec,
        "toName": name_in(content, "to"),
        "to": to[0].addr_spec,
        "recipientCount": len(to),
        "subject": message["subject"],
        "messageID": message["message-id"],
        "date": message["date"].datetime.isoformat(),
        "autoSubmitted": message["auto-submitted"],
        "headers": [name for name, _ in message.items()],
        "type": message.get_content_type(),
        "parts": parts,
        "defects": [str(defect) for part in message.walk() for defect in part.defects]
        + [str(defect) for _, value in message.items() for defect in value.defects],
        "longestLine": max(len(line) for line in content.split(b"\r\n")),
        "bareLineEnds": content.replace(b"\r\n", b"").count(b"\n") + content.replace(b"\r\n", b"").count(b"\r"),
        "isEncrypted": session.ssl is not None or bool(options.get("implicit")),
        "login": (session.auth_data or b"").decode() if session.authenticated else "",
    }


def name_in(content, header):
    """By the older parser: the newer one puts spaces between encoded words."""
    name, _ = email.utils.parseaddr(email.message_from_string(content.decode())[header])
    return str(email.header.make_header(email.header.decode_header(name)))


def authenticate(server, session, envelope, mechanism, data):
    login, password = data.login.decode(), data.password.decode()
    if [login, password] == options["login"]:
        return AuthResult(success=True, auth_data=data.login)
    return AuthResult(success=False, handled=False)


def make_certificates(folder):
    """An authority of its own and a certificate for localhost and 127.0.0.1."""

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    (folder / "names").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "2",
            "-subj", "/CN=Test authority", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "request.pem",
            "-subj", "/CN=localhost")
    openssl("x509", "-req", "-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-extfile", "names", "-out", "certificate.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return context


class Listener(Controller):
    def factory(self):
        return Server(self.handler, **self.SMTP_kwargs)


def answer(listener, command):
    if command == "report":
        return {"connections": len(connections), "mails": mails}
    for server in connections:
        if server.transport is None:
            continue
        if command == "goodbye":
            listener.loop.call_soon_threadsafe(server.transport.write, b"421 4.4.2 timeout\r\n")
        if command in ("goodbye", "hangup"):
            listener.loop.call_soon_threadsafe(server.transport.close)
    return {}


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        wants_tls = options.get("starttls") or options.get("implicit")
        context = make_certificates(folder) if wants_tls else None
        arguments = {"enable_SMTPUTF8": bool(options.get("utf8")), "auth_require_tls": False}
        if options.get("starttls"):
            arguments |= {"tls_context": context, "require_starttls": options["starttls"] == "required"}
        if "login" in options:
            arguments |= {"authenticator": authenticate, "auth_required": True}
        listener = Listener(
            Handler(), hostname="127.0.0.1", port=options.get("port", 0), decode_data=False,
            ssl_context=context if options.get("implicit") else None, **arguments)
        if not listener.port:
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                listener.port = free.getsockname()[1]
        listener.start()
        # Not the one by which it tried itself.
        connections.clear()
        print(json.dumps({"port": listener.port, "authorities": str(folder / "ca.pem")}), flush=True)
        for line in sys.stdin:
            print(json.dumps(answer(listener, line.strip())), flush=True)
        listener.stop()


main()
