"""Mail as a mail server and a mail program see it; run by mail.sh with the program as its argument."""
import email, email.policy, glob, os, signal, socket, tempfile, time
from aiosmtpd.controller import Controller

import billow
from billow import check, wait_for


class Mailserver(Controller):
    """Listens on the port, or a free one (0), from when it is made."""

    def __init__(self, handler, port=0):
        self.socket = socket.create_server(("127.0.0.1", port))
        super().__init__(handler, hostname="127.0.0.1", port=self.socket.getsockname()[1])
        self.start()

    def _create_server(self):
        return self.loop.create_server(self._factory_invoker, sock=self.socket)


class Handler:
    """Keeps what was accepted; `plan` says what the next messages are answered, else 250."""

    def __init__(self):
        self.accepted, self.plan, self.rcpt_plan, self.on_message = [], [], [], None

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.rcpt_plan:
            return self.rcpt_plan.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.plan:
            return self.plan.pop(0)
        self.accepted.append(envelope)
        if self.on_message:
            self.on_message()
        return "250 OK"


class Program(billow.Server):
    """A running serve with a test clock."""

    def __init__(self, folder, env):
        super().__init__(folder, f"sqlite:{folder}/mail.db", "--test-clock", env=env)

    def file(self, path):
        return self.ask("GET", "/api/v1" + path, headers={"Authorization": "Bearer " + billow.KEY}).content

    def mails(self, query):
        return self.call("GET", "/api/v1/mails?" + query)[1]["mails"]  # asked again and again, so not counted


CUSTOMERS = {
    "plain": {"name": "Acme GmbH", "email": "plain@customer.example", "billing_configuration": {"document_locale": "de"}},
    "hostile": {"name": "<script>alert(1)</script>\r\nBcc: evil@evil.example, \"x\" & co", "email": "hostile@customer.example"},
    "arabic": {"name": "شركة المثال \u202e", "email": "arabic@customer.example", "billing_configuration": {"document_locale": "ar"}},
    "emoji": {"name": "🚀 Rakete 株式会社", "email": "emoji@customer.example", "billing_configuration": {"document_locale": "ja"}},
    "silent": {"name": "No Address"},
}


def fill(program):
    """Each customer gets a monthly plan paid in advance: an invoice at once."""
    program.clock("2026-01-01T00:00:00Z")
    program.api("PUT", "/organizations", {"organization": {"name": "Cloud & Söhne", "legal_name": "Cloud & Söhne GmbH", "email": "billing@cloud.example", "country": "DE"}})
    program.api("POST", "/plans", {"plan": {"name": "Pro", "code": "pro", "interval": "monthly", "amount_cents": 3000, "amount_currency": "EUR", "pay_in_advance": True}})
    for external_id, customer in CUSTOMERS.items():
        program.api("POST", "/customers", {"customer": {"external_id": external_id, "currency": "EUR", **customer}})


def subscribe(program, external_id, number):
    program.api("POST", "/subscriptions", {"subscription": {"external_customer_id": external_id, "external_id": f"{external_id}-{number}", "plan_code": "pro"}})


def invoice_of(program, external_id):
    """The newest."""
    return program.api("GET", f"/invoices?external_customer_id={external_id}")["invoices"][0]


def parse(envelope):
    return email.message_from_bytes(envelope.content, policy=email.policy.default)


def body(message, kind):
    return message.get_body(preferencelist=(kind,)).get_content()


def newest(program, query):
    found = program.mails(query)
    return found[0] if found else None


def settled(program, query, status):
    return wait_for(lambda: (lambda mail: mail if mail and mail["status"] == status else None)(newest(program, query)))


def look_at_invoice_mails(program, handler):
    for external_id in ("plain", "hostile", "arabic", "emoji", "silent"):
        subscribe(program, external_id, 1)
    wait_for(lambda: len(handler.accepted) >= 4)
    check("one mail for each customer with an address", len(handler.accepted) == 4, len(handler.accepted))
    by_address = {envelope.rcpt_tos[0]: envelope for envelope in handler.accepted}
    for external_id, words in (("plain", "Guten Tag"), ("hostile", "Hello"), ("arabic", "فاتورتك"), ("emoji", "請求書")):
        envelope = by_address.get(f"{external_id}@customer.example")
        if envelope is None:
            check(f"a mail for {external_id}", False)
            continue
        message = parse(envelope)
        invoice = invoice_of(program, external_id)
        check(f"{external_id}: envelope", envelope.mail_from == "billing@sender.example" and len(envelope.rcpt_tos) == 1, envelope.rcpt_tos)
        check(f"{external_id}: no defects", not message.defects and not any(part.defects for part in message.walk()), message.defects)
        check(f"{external_id}: headers", sorted(name.lower() for name in message.keys()) == sorted(
            ["from", "reply-to", "to", "subject", "date", "message-id", "content-language", "auto-submitted", "mime-version", "content-type"]), message.keys())
        check(f"{external_id}: one recipient", [address.addr_spec for address in message["to"].addresses] == [f"{external_id}@customer.example"], message["to"])
        check(f"{external_id}: sender", str(message["from"].addresses[0].addr_spec) == "billing@sender.example" and message["from"].addresses[0].display_name == "Cloud Rechnungen ✓", message["from"])
        check(f"{external_id}: answers go to the seller", message["reply-to"].addresses[0].addr_spec == "billing@cloud.example", message["reply-to"])
        check(f"{external_id}: subject", invoice["number"] in message["subject"] and "\n" not in message["subject"], message["subject"])
        mail = settled(program, f"external_customer_id={external_id}", "sent") or newest(program, f"external_customer_id={external_id}")
        check(f"{external_id}: listed", mail["status"] == "sent" and mail["subject"] == message["subject"] and mail["invoice_number"] == invoice["number"] and mail["tries"] == 1, mail)
        check(f"{external_id}: its id", message["message-id"] == f"<{mail['id']}@sender.example>", message["message-id"])
        text, html = body(message, "plain"), body(message, "html")
        check(f"{external_id}: words", words in text and words in html and invoice["number"] in text, text)
        check(f"{external_id}: nothing runs", "<script" not in html, html)
        files = list(message.iter_attachments())
        pdf = program.file(f"/invoices/{invoice['id']}/pdf")
        check(f"{external_id}: the PDF", len(files) == 1 and files[0].get_content_type() == "application/pdf" and files[0].get_content() == pdf and pdf.startswith(b"%PDF-"),
              [file.get_content_type() for file in files])
        check(f"{external_id}: the file's name", files and files[0].get_filename() == f"invoice-{invoice['number']}.pdf", files and files[0].get_filename())
        check(f"{external_id}: lines end and are short", b"\n" not in envelope.content.replace(b"\r\n", b"") and max(map(len, envelope.content.split(b"\r\n"))) <= 998)
    arabic = by_address.get("arabic@customer.example")
    if arabic:
        check("Arabic is written from right to left", 'dir="rtl"' in body(parse(arabic), "html"))
        check("the name is whole", parse(arabic)["to"].addresses[0].display_name.startswith("شركة المثال"), parse(arabic)["to"])
    check("who has no address is listed", newest(program, "external_customer_id=silent")["status"] == "no_address")


def look_at_receipts(program, handler):
    invoice = invoice_of(program, "plain")
    handler.accepted.clear()
    program.api("POST", "/payments", {"payment": {"invoice_id": invoice["id"], "amount_cents": invoice["total_amount_cents"], "reference": "Überweisung 1"}})
    wait_for(lambda: handler.accepted)
    message = parse(handler.accepted[0])
    check("a receipt", "30,00" in message["subject"] and "Überweisung 1" in body(message, "plain"), message["subject"])
    payment = program.api("GET", f"/payments?invoice_id={invoice['id']}")["payments"][0]
    pdf = program.file(f"/payments/{payment['id']}/receipt.pdf")
    files = list(message.iter_attachments())
    check("the receipt's PDF", len(files) == 1 and files[0].get_content_type() == "application/pdf" and files[0].get_content() == pdf and pdf.startswith(b"%PDF-"),
          [file.get_content_type() for file in files])
    check("the receipt's name", files and files[0].get_filename() == f"receipt-{payment['receipt_number']}.pdf", files and files[0].get_filename())
    check("listed as a receipt", newest(program, "type=receipt")["invoice_number"] == invoice["number"])


def look_at_trouble(program, controller, handler):
    # Put off, then accepted.
    handler.accepted.clear()
    handler.plan = ["451 4.3.0 try again later"]
    subscribe(program, "plain", 2)
    mail = wait_for(lambda: (lambda mail: mail if mail["problem"] else None)(newest(program, "external_customer_id=plain")))
    check("put off", mail and mail["status"] == "waiting" and "451" in mail["problem"] and mail["next_try_at"] == "2026-01-01T00:00:15Z", mail)
    # A second too early: a mail that is due is sent, and whatever was due before it would be too.
    program.clock("2026-01-01T00:00:14Z")
    subscribe(program, "hostile", 2)
    other = settled(program, "external_customer_id=hostile", "sent")
    mail = newest(program, "external_customer_id=plain")
    check("not before it is due", other and mail["status"] == "waiting" and mail["tries"] == 1, mail)
    handler.accepted.clear()
    program.clock("2026-01-01T00:00:15Z")
    mail = settled(program, "external_customer_id=plain", "sent")
    check("put off, then accepted", mail and mail["tries"] == 2 and mail["problem"] is None and len(handler.accepted) == 1, mail)
    # Refused for good, and sent again by a person.
    handler.accepted.clear()
    handler.rcpt_plan = ["550 5.1.1 no such mailbox"]
    subscribe(program, "plain", 3)
    mail = settled(program, "external_customer_id=plain", "failed")
    check("refused", mail and "550" in mail["problem"] and mail["next_try_at"] is None and not handler.accepted, mail)
    again = program.api("POST", f"/mails/{mail['id']}/resend", {})["mail"]
    sent = settled(program, "external_customer_id=plain", "sent")
    check("sent again with its id", again["id"] == mail["id"] and sent and parse(handler.accepted[0])["message-id"] == f"<{mail['id']}@sender.example>", sent)
    handler.accepted.clear()
    another = program.api("POST", f"/mails/{mail['id']}/resend", {})["mail"]
    wait_for(lambda: handler.accepted)
    check("what was sent is sent as a new mail", another["id"] != mail["id"] and parse(handler.accepted[0])["message-id"] == f"<{another['id']}@sender.example>")
    # Nobody there, then back.
    handler.accepted.clear()
    controller.stop()
    subscribe(program, "plain", 4)
    mail = wait_for(lambda: (lambda mail: mail if mail["problem"] else None)(newest(program, "external_customer_id=plain&type=invoice")))
    check("not there", mail and mail["status"] == "waiting" and mail["problem"], mail)
    controller = Mailserver(handler, controller.port)
    program.clock("2026-01-01T00:02:00Z")
    mail = settled(program, "external_customer_id=plain&type=invoice", "sent")
    check("not there, then back", mail and mail["tries"] == 2 and len(handler.accepted) == 1, mail)
    return controller


def look_at_death(program, handler, restart):
    """The server takes the message and billow dies before it can note that."""
    handler.accepted.clear()
    handler.on_message = program.process.kill
    subscribe(program, "emoji", 2)
    program.process.wait(60)
    handler.on_message = None
    check("taken by the server", len(handler.accepted) == 1)
    program = restart()
    mail = newest(program, "external_customer_id=emoji")
    check("still waiting", mail["status"] == "waiting" and mail["tries"] == 1, mail)
    program.clock("2026-01-01T01:00:00Z")
    mail = settled(program, "external_customer_id=emoji", "sent")
    check("sent again, byte for byte", mail and mail["tries"] == 2 and len(handler.accepted) == 2 and handler.accepted[0].content == handler.accepted[1].content, mail)
    return program


def look_at_folder(folder, caught):
    # Mails wait where nothing is set, and go out once it is.
    program = Program(folder, {})
    fill(program)
    subscribe(program, "plain", 1)
    subscribe(program, "silent", 1)
    mail = newest(program, "external_customer_id=plain")
    check("waits while nothing is set", mail["status"] == "waiting" and mail["tries"] == 0, mail)
    doctor = billow.run("doctor", "--database", f"sqlite:{folder}/mail.db", folder=folder)
    check("doctor says so", "mail " in doctor.stdout and "is not sent" in doctor.stdout, doctor.stdout)
    program.stop()
    program = Program(folder, {"BILLOW_MAIL_FOLDER": caught, "BILLOW_MAIL_FROM": "billing@sender.example"})
    mail = settled(program, "external_customer_id=plain", "sent")
    files = glob.glob(caught + "/*")
    check("caught in the folder", mail and len(files) == 1 and files[0].endswith(f"-invoice-{mail['id']}.eml"), files)
    with open(files[0], "rb") as file:
        message = email.message_from_bytes(file.read(), policy=email.policy.default)
    check("a whole mail", not message.defects and message["to"].addresses[0].addr_spec == "plain@customer.example" and len(list(message.iter_attachments())) == 1)
    check("the seller's name", message["from"].addresses[0].display_name == "Cloud & Söhne", message["from"])
    # A customer gets an address, and then the mail.
    silent = newest(program, "external_customer_id=silent")
    status, answer = program.call("POST", f"/api/v1/mails/{silent['id']}/resend", {})
    check("not without an address", status == 405 and answer["code"] == "customer_has_no_email", (status, answer))
    program.api("POST", "/customers", {"customer": {"external_id": "silent", "email": "now@customer.example"}})
    program.api("POST", f"/mails/{silent['id']}/resend", {})
    mail = settled(program, "external_customer_id=silent", "sent")
    check("then with one", mail and mail["to"] == "now@customer.example" and len(glob.glob(caught + "/*")) == 2, mail)
    program.stop()


def look_at_settings(folder):
    cases = [
        ({"BILLOW_SMTP_URL": "smtp://127.0.0.1:25"}, "BILLOW_MAIL_FROM is not set"),
        ({"BILLOW_SMTP_URL": "http://127.0.0.1", "BILLOW_MAIL_FROM": "a@b.example"}, "neither smtp:// nor smtps://"),
        ({"BILLOW_SMTP_URL": "smtp://a:hunter2@127.0.0.1/x", "BILLOW_MAIL_FROM": "a@b.example"}, "a path behind the host"),
        ({"BILLOW_SMTP_URL": "smtp://127.0.0.1", "BILLOW_MAIL_FOLDER": "/nowhere", "BILLOW_MAIL_FROM": "a@b.example"}, "set one of both"),
        ({"BILLOW_MAIL_FOLDER": "/nowhere/at/all", "BILLOW_MAIL_FROM": "a@b.example"}, "No such file"),
        ({"BILLOW_MAIL_FOLDER": folder, "BILLOW_MAIL_FROM": "nobody"}, "is no mail address"),
        ({"BILLOW_SMTP_URL": "smtp://a@127.0.0.1", "BILLOW_SMTP_PASSWORD_FILE": "/nowhere", "BILLOW_MAIL_FROM": "a@b.example"}, "/nowhere"),
    ]
    for env, words in cases:
        got = billow.run("serve", "--listen", "127.0.0.1:0", "--database", "sqlite::memory:", folder=folder, env=env)
        check(f"refused: {words}", got.returncode in (1, 2) and words in got.stderr and "hunter2" not in got.stderr, got)
    got = billow.run("serve", "--help", folder=folder)
    check("serve --help tells of mail", "BILLOW_SMTP_URL" in got.stdout and "BILLOW_MAIL_FOLDER" in got.stdout, got.stdout)


with tempfile.TemporaryDirectory() as folder:
    handler = Handler()
    controller = Mailserver(handler)
    env = {"BILLOW_SMTP_URL": f"smtp://127.0.0.1:{controller.port}", "BILLOW_MAIL_FROM": "Cloud Rechnungen ✓ <billing@sender.example>"}
    program = Program(folder, env)
    fill(program)
    look_at_invoice_mails(program, handler)
    look_at_receipts(program, handler)
    controller = look_at_trouble(program, controller, handler)
    program = look_at_death(program, handler, lambda: Program(folder, env))
    program.stop()
    verify = billow.run("verify", "--database", f"sqlite:{folder}/mail.db", folder=folder)
    check("the books are right", verify.returncode == 0, verify.stdout)
    controller.stop()
with tempfile.TemporaryDirectory() as folder:
    look_at_folder(folder, os.path.join(folder, "caught"))
    look_at_settings(folder)
billow.end()
