"""Mail servers that want TLS and a sign-in, and those that can't be trusted; run by mail_tls.sh with the program as its argument.

Each case is a server of its own and a billow that is set to it; what the server saw and what billow notes are both looked at.  The
certificates are made here, by an authority that only this test knows."""
import os, re, socket, ssl, subprocess, tempfile
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

import billow
from billow import check, wait_for

USER, PASSWORD = "billow@relay.example", "p@ss/w:rd% 1"
URL_USER, URL_PASSWORD = "billow%40relay.example", "p%40ss%2Fw%3Ard%25%201"


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def make_certificates(folder):
    """ca.pem, and signed by it: good.pem of 127.0.0.1, other.pem of another host."""
    def path(name):
        return os.path.join(folder, name)
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=Test Authority",
            "-keyout", path("ca.key"), "-out", path("ca.pem"))
    for name, host in (("good", "IP:127.0.0.1"), ("other", "DNS:elsewhere.example")):
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", f"/CN={name}", "-keyout", path(name + ".key"), "-out", path(name + ".csr"))
        with open(path(name + ".ext"), "w") as file:
            file.write(f"subjectAltName={host}\n")
        openssl("x509", "-req", "-in", path(name + ".csr"), "-CA", path("ca.pem"), "-CAkey", path("ca.key"), "-days", "2", "-extfile", path(name + ".ext"), "-out", path(name + ".pem"))


def context(folder, name):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(os.path.join(folder, name + ".pem"), os.path.join(folder, name + ".key"))
    return made


class Server:
    """A mail server; `seen` are the sign-ins that were tried, `accepted` the messages and how they came."""

    def __init__(self, port=0, **settings):
        self.seen, self.accepted = [], []
        if not port:
            with socket.socket() as one:
                one.bind(("127.0.0.1", 0))
                port = one.getsockname()[1]
        self.port = port
        self.controller = Controller(self, hostname="127.0.0.1", port=port, authenticator=self.sign_in, **settings)
        self.controller.start()

    def sign_in(self, server, session, envelope, mechanism, data):
        self.seen.append((mechanism, data.login.decode(), data.password.decode(), is_secret(server)))
        good = (data.login.decode(), data.password.decode()) == (USER, PASSWORD)
        return AuthResult(success=good, handled=good)  # else the server says no

    async def handle_DATA(self, server, session, envelope):
        self.accepted.append((envelope.rcpt_tos, session.authenticated, is_secret(server)))
        return "250 OK"

    def stop(self):
        self.controller.stop()


def is_secret(server):
    return server.transport.get_extra_info("sslcontext") is not None


class Program(billow.Server):
    def __init__(self, folder, env):
        super().__init__(folder, f"sqlite:{folder}/mail.db", "--test-clock", env={"BILLOW_MAIL_FROM": "billing@sender.example", **env})

    def bill(self):
        """An invoice, and so a mail."""
        self.clock("2026-01-01T00:00:00Z")
        self.api("POST", "/plans", {"plan": {"name": "Pro", "code": "pro", "interval": "monthly", "amount_cents": 3000, "amount_currency": "EUR", "pay_in_advance": True}})
        self.api("POST", "/customers", {"customer": {"external_id": "acme", "currency": "EUR", "email": "acme@customer.example"}})
        self.api("POST", "/subscriptions", {"subscription": {"external_customer_id": "acme", "external_id": "acme-1", "plan_code": "pro"}})

    def mail_when(self, good):
        """The mail, once it is so."""
        def look():
            mail = self.call("GET", "/api/v1/mails")[1]["mails"][0]
            return mail if good(mail) else None
        return wait_for(look)

    def stop(self):
        super().stop()
        log = self.text()
        check("no password in the log", PASSWORD not in log and URL_PASSWORD not in log and "wrong-password" not in log, log)


def sends(name, server, env, mechanism):
    """The mail arrives, secretly, from whoever signed in by that mechanism."""
    with tempfile.TemporaryDirectory() as folder:
        program = Program(folder, env)
        program.bill()
        mail = program.mail_when(lambda mail: mail["status"] == "sent")
        check(f"{name}: sent", mail and mail["tries"] == 1 and mail["problem"] is None, program.api("GET", "/mails"))
        check(f"{name}: one sign-in, encrypted", server.seen == [(mechanism, USER, PASSWORD, True)], server.seen)
        check(f"{name}: taken from who signed in, encrypted", server.accepted == [(["acme@customer.example"], True, True)], server.accepted)
        program.stop()
    server.stop()


def waits(name, server, env, words, sign_ins=(), repair=None):
    """Nothing is given to the server, the mail waits with the reason; after `repair`, which gives new settings, it is sent."""
    with tempfile.TemporaryDirectory() as folder:
        program = Program(folder, env)
        program.bill()
        mail = program.mail_when(lambda mail: mail["problem"])
        check(f"{name}: waits", mail and mail["status"] == "waiting" and mail["tries"] == 1 and mail["next_try_at"] == "2026-01-01T00:00:15Z", mail)
        check(f"{name}: says why", mail and re.search(words, mail["problem"]) and PASSWORD not in mail["problem"], mail)
        check(f"{name}: no message, and no more of a sign-in", not server.accepted and server.seen == list(sign_ins), (server.accepted, server.seen))
        if repair:
            program.stop()
            server, env = repair(server)
            program = Program(folder, env)
            program.clock("2026-01-01T00:00:15Z")
            mail = program.mail_when(lambda mail: mail["status"] == "sent")
            check(f"{name}: sent at the next try", mail and mail["tries"] == 2 and len(server.accepted) == 1 and server.accepted[0][2], mail)
        program.stop()
    server.stop()


def url(scheme, server, query="", user=URL_USER, password=URL_PASSWORD):
    return f"{scheme}://{user}:{password}@127.0.0.1:{server.port}{query}"


with tempfile.TemporaryDirectory() as folder:
    make_certificates(folder)
    trust = {"BILLOW_SMTP_CA_FILE": os.path.join(folder, "ca.pem")}
    required = "?starttls=required"
    tls = {"tls_context": context(folder, "good"), "require_starttls": True, "auth_required": True}
    direct = {"ssl_context": context(folder, "good"), "auth_required": True, "auth_require_tls": False}  # aiosmtpd knows no other TLS than STARTTLS

    server = Server(**tls, auth_exclude_mechanism=["LOGIN"])
    sends("STARTTLS, AUTH PLAIN", server, {"BILLOW_SMTP_URL": url("smtp", server, required), **trust}, "PLAIN")
    server = Server(**tls, auth_exclude_mechanism=["PLAIN"])
    sends("STARTTLS, AUTH LOGIN", server, {"BILLOW_SMTP_URL": url("smtp", server, required), **trust}, "LOGIN")
    server = Server(**tls, auth_exclude_mechanism=["LOGIN"])
    sends("STARTTLS where it is offered", server, {"BILLOW_SMTP_URL": url("smtp", server), **trust}, "PLAIN")
    password_file = os.path.join(folder, "password")
    with open(os.open(password_file, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
        file.write(PASSWORD + "\n")
    server = Server(**direct, auth_exclude_mechanism=["LOGIN"])
    sends("smtps, the password in a file", server,
          {"BILLOW_SMTP_URL": f"smtps://{URL_USER}@127.0.0.1:{server.port}", "BILLOW_SMTP_PASSWORD_FILE": password_file, **trust}, "PLAIN")

    server = Server(**tls, auth_exclude_mechanism=["LOGIN"])
    waits("a wrong password", server, {"BILLOW_SMTP_URL": url("smtp", server, required, password="wrong-password"), **trust}, "535|[Ll]ogin denied|[Aa]uthentication",
          [("PLAIN", USER, "wrong-password", True)], lambda server: (server, {"BILLOW_SMTP_URL": url("smtp", server, required), **trust}))
    server = Server(**tls)
    waits("an authority that nobody knows, STARTTLS", server, {"BILLOW_SMTP_URL": url("smtp", server, required)}, "certificate",
          (), lambda server: (server, {"BILLOW_SMTP_URL": url("smtp", server, required), **trust}))
    server = Server(**tls)
    waits("an authority that nobody knows, STARTTLS where it is offered", server, {"BILLOW_SMTP_URL": url("smtp", server)}, "certificate")
    server = Server(**direct)
    waits("an authority that nobody knows, smtps", server, {"BILLOW_SMTP_URL": url("smtps", server)}, "certificate")
    server = Server(**{**tls, "tls_context": context(folder, "other")})
    waits("another host's certificate", server, {"BILLOW_SMTP_URL": url("smtp", server, required), **trust}, "certificate|subject|host")

    def upgrade(server):
        server.stop()
        server = Server(port=server.port, **tls)
        return server, {"BILLOW_SMTP_URL": url("smtp", server, required), **trust}
    server = Server(auth_require_tls=False)
    waits("TLS is required and not offered", server, {"BILLOW_SMTP_URL": url("smtp", server, required), **trust}, "STARTTLS|SSL|TLS", (), upgrade)
    server = Server(auth_require_tls=False)
    waits("smtps to a server without TLS", server, {"BILLOW_SMTP_URL": url("smtps", server), **trust}, "SSL|TLS")

    for name, env, words in (
        ("a file of authorities that is not there", {"BILLOW_SMTP_CA_FILE": "/nowhere/ca.pem"}, "/nowhere/ca.pem"),
        ("a password that others can read", {"BILLOW_SMTP_PASSWORD_FILE": os.path.join(folder, "ca.pem")}, "can be read by others"),
    ):
        got = billow.run("serve", "--listen", "127.0.0.1:0", "--database", "sqlite::memory:", folder=folder,
                         env={"BILLOW_MAIL_FROM": "a@b.example", "BILLOW_SMTP_URL": "smtp://a@127.0.0.1", **env})
        check(f"{name} is refused at the start", got.returncode in (1, 2) and words in got.stderr, got)
billow.end()
