"""The customer's portal over HTTP; run by portal.sh with the program as its argument.

What a browser does with it, tests/browser/walk.mjs tells; this is about what others might try."""
import base64, csv, hashlib, html, io, re, tempfile, urllib.parse

import billow
from billow import KEY, check

GATEWAY = "http://localhost:9"  # nobody listens there
CSP = "form-action 'self'%s;"
WITH_GATEWAY = {"BILLOW_SANDBOX_GATEWAY_URL": GATEWAY, "BILLOW_SANDBOX_GATEWAY_KEY": "k",
                "BILLOW_SANDBOX_GATEWAY_SECRET": "whsec_" + base64.b64encode(bytes(32)).decode()}


def start(folder, env=None):
    return billow.Server(folder, "sqlite:p.db", "--test-clock", env=env)


class Visitor:
    """Signed in to the portal by an operator's link."""

    def __init__(self, server, external_id):
        self.server, self.cookies, self.token = server, {}, ""
        url = server.api("GET", f"/customers/{external_id}/portal_url")["customer"]["portal_url"]
        path = urllib.parse.urlsplit(url).path
        self.get(path)
        check("signed in", self.post(path).header("location") == "/portal")

    def ask(self, method, path, body=None, **headers):
        sent = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()), "Accept": "text/html,*/*;q=0.8"}
        if body is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        answer = self.server.ask(method, path, body, sent | headers)
        for cookie in (value for name, value in answer.headers if name == "set-cookie"):
            name, value = cookie.split(";")[0].split("=", 1)
            self.cookies[name] = value
        return answer

    def get(self, path):
        answer = self.ask("GET", path)
        found = re.search(r'name="csrf" value="([0-9a-f]{64})"', answer.text)
        self.token = found.group(1) if found else self.token
        return answer

    def post(self, path, token=None):
        return self.ask("POST", path, urllib.parse.urlencode({"csrf": self.token if token is None else token}))


def make_world(server):
    """acme has an invoice of October and one of November; other has likewise; none has a draft."""
    clock = lambda now: server.clock(now, run_jobs=True)
    clock("2026-10-01T00:00:00Z")
    server.api("POST", "/plans", {"plan": {"name": "P", "code": "p", "interval": "monthly", "amount_cents": 1000, "amount_currency": "EUR"}})
    for name in ("acme", "other", "none"):
        server.api("POST", "/customers", {"customer": {"external_id": name, "name": f"=1+1 <b>{name}</b>", "currency": "EUR",
                   **({"billing_configuration": {"invoice_grace_period": 60}} if name == "none" else {})}})
        server.api("POST", "/subscriptions", {"subscription": {"external_customer_id": name, "external_id": f"{name}-1", "plan_code": "p",
                                                               "name": "@SUM(A1) <i>&amp;"}})
    clock("2026-12-02T00:00:00Z")
    of = lambda name: sorted(server.api("GET", f"/invoices?external_customer_id={name}")["invoices"], key=lambda one: one["issuing_date"])
    return of("acme"), of("other"), of("none")


def whose(server, acme, other, draft):
    """Another's, a draft's and nobody's ids are all the same: nothing."""
    visitor = Visitor(server, "acme")
    payment = server.api("POST", "/payments", {"payment": {"invoice_id": other["id"], "amount_cents": 1, "reference": "x"}})["payment"]
    nothing = visitor.get("/portal/invoices/01900000-0000-7000-8000-000000000000")
    without = lambda text: re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "", re.sub(r'/portal/invoices/[^"?]*', "", text))  # addresses, request id
    plain = without(nothing.text)
    for id, what in ((other["id"], "invoice"), (draft["id"], None), ("01900000-0000-7000-8000-000000000001", None), ("none", None),
                     ("%27%20OR%201=1", None), ("..%2f..%2fetc", None)):
        for tail in ("", "/pdf", "/csv"):
            before = len(server.security("not_owned"))
            page = visitor.get(f"/portal/invoices/{id}{tail}")
            check(f"invoice {id}{tail}: nothing", page.status == 404 and without(page.text) == plain,
                  (page.status, page.text))
            check(f"invoice {id}{tail}: the policy is the strict one", CSP % "" in page.header("content-security-policy"))
            if what:
                lines = server.security("not_owned")
                check(f"{tail or 'page'}: a line in the security log", len(lines) == before + 1 and id in lines[-1] and "acme" in lines[-1], lines[-1:])
    check("another's invoice can't be paid", visitor.post(f"/portal/invoices/{other['id']}/pay").status == 404)
    before = len(server.security("not_owned"))
    page = visitor.get(f"/portal/payments/{payment['id']}")
    check("another's payment: nothing", page.status == 404 and len(server.security("not_owned")) == before + 1, page.status)
    check("nor its receipt", visitor.get(f"/portal/payments/{payment['id']}/receipt.pdf").status == 404)
    for path in ("/portal", "/portal/invoices", f"/portal/invoices/{acme['id']}"):
        answer = server.ask("GET", path, headers={"Accept": "text/html"})
        check(f"{path} wants a sign-in", answer.status == 303 and answer.header("location").startswith("/portal/sign-in"), answer.status)


def shown(server, acme, other):
    visitor = Visitor(server, "acme")
    page = visitor.get("/portal/invoices")
    check("only one's own", acme[0]["number"] in page.text and other[0]["number"] not in page.text)
    for path in ("/portal", f"/portal/invoices/{acme[0]['id']}", "/portal/account"):
        page = visitor.get(path)
        check(f"{path}: names are text", page.status == 200 and "<b>acme" not in page.text and "<i>&" not in page.text, page.text)
    name = html.escape("@SUM(A1) <i>&amp;")
    check("as it was given", name in visitor.get(f"/portal/invoices/{acme[0]['id']}").text)
    page = visitor.get("/portal/invoices?state=nonsense&sort=drop&order=up&page=-1&currency=%25")
    check("an odd address shows the list", page.status == 200 and acme[0]["number"] in page.text, page.status)
    for path in ("/portal/invoices?state=paid&sort=%00", "/portal/invoices?" + "&".join(["a=1"] * 101)):
        check("what can't be read is refused, with a page", visitor.get(path).status == 400)
    page = visitor.get("/portal/invoices?page=999")
    check("behind the last page", page.status == 200 and acme[0]["number"] not in page.text)
    check("the empty list offers a way back", 'href="/portal/invoices"' in page.text)
    page = visitor.get("/portal/invoices?state=unpaid&sort=amount")
    links = html.unescape(page.text)
    check("links keep what is filtered", "/portal/invoices?sort=amount&state=paid" in links or "/portal/invoices?state=paid&sort=amount" in links
          or re.search(r"sort=amount[^\"]*state=paid", links), re.findall(r'href="(/portal/inv[^"]*)"', page.text))
    draft = Visitor(server, "none").get("/portal/invoices")
    check("a draft is not listed", "0 invoices" in draft.text, draft.text)


def files(server, acme):
    visitor = Visitor(server, "acme")
    answer = visitor.get("/portal/invoices?format=csv&sort=issued&order=asc")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    check("CSV is a file", answer.header("content-type").startswith("text/csv") and "invoices.csv" in answer.header("content-disposition"))
    want = [{"number": one["number"], "state": "overdue" if one["payment_overdue"] else "open", "issued": one["issuing_date"],
             "due": one["payment_due_date"], "currency": "EUR", "net": "10.00", "tax": "0.00", "total": "10.00", "paid": "0.00", "open": "10.00"}
            for one in acme]
    check("CSV holds each of one's own, as filtered", rows == want, (rows, want))
    empty = visitor.get("/portal/invoices?format=csv&state=paid")
    check("CSV of nothing has its head", empty.text == "number,state,issued,due,currency,net,tax,total,paid,open\r\n", empty.text)
    lines = visitor.get(f"/portal/invoices/{acme[0]['id']}/csv")
    rows = list(csv.DictReader(io.StringIO(lines.text)))
    check("lines as CSV", len(rows) == 1 and rows[0] == {"invoice": acme[0]["number"], "service": "acme-1", "description": "P", "from": "2026-10-01",
          "to": "2026-10-31", "units": "1", "unit_price": "10", "amount": "10.00", "currency": "EUR"}, rows)
    pdf = visitor.get(f"/portal/invoices/{acme[0]['id']}/pdf")
    check("PDF", pdf.status == 200 and pdf.content[:5] == b"%PDF-" and f'filename="invoice-{acme[0]["number"]}.pdf"' in pdf.header("content-disposition"),
          (pdf.status, pdf.header("content-disposition")))
    check("the PDF is the API's", server.ask("GET", f"/api/v1/invoices/{acme[0]['id']}/pdf", headers={"Authorization": "Bearer " + KEY}).content == pdf.content)


def logo(server):
    """The seller's own logo stands in the header, from an address that holds its hash and can run nothing."""
    visitor = Visitor(server, "acme")
    check("without one, none", "/logos/" not in visitor.get("/portal").text)
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 2"><path d="M0 0h4v2z"/></svg>'
    path = "/logos/" + hashlib.sha256(svg.encode()).hexdigest()
    url = "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
    server.api("PUT", "/billing_entities/default", {"billing_entity": {"logo": url}})
    check("the seller's logo", f'<img src="{path}"' in visitor.get("/portal").text, visitor.get("/portal").text)
    answer = server.ask("GET", path)
    check("as it was sent, for good", answer.text == svg and answer.header("content-type") == "image/svg+xml" and "immutable" in answer.header("cache-control"), answer.headers)
    check("opened by itself it runs nothing", answer.header("content-security-policy") == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
          and answer.header("x-content-type-options") == "nosniff", answer.headers)
    server.api("PUT", "/billing_entities/default", {"billing_entity": {"logo": None}})
    check("taken away", path not in visitor.get("/portal").text and server.ask("GET", path).status == 404)


def paying(server, acme):
    visitor = Visitor(server, "acme")
    path = f"/portal/invoices/{acme[0]['id']}"
    for where in ("/portal", "/portal/invoices", "/portal/account"):
        check(f"{where}: forms lead nowhere else", CSP % "" in visitor.get(where).header("content-security-policy"))
    page = visitor.get(path)
    check("forms may lead to the gateway from the page with the button", CSP % (" " + GATEWAY) in page.header("content-security-policy"),
          page.header("content-security-policy"))
    check("the form", f'action="{path}/pay"' in page.text and "Pay €10.00" in page.text)
    for name, answer in (("none", visitor.post(path + "/pay", token="")), ("a forged one", visitor.post(path + "/pay", token="0" * 64)),
                         ("from elsewhere", visitor.ask("POST", path + "/pay", "csrf=" + visitor.token, Origin="https://evil.example"))):
        check(f"token: {name}", answer.status == 403, answer.status)
    check("refusals stand in the security log", len(server.security("csrf_refused")) >= 3)
    check("paying is no GET", visitor.get(path + "/pay").status in (404, 405))
    check("nothing was begun", server.api("GET", f"/payments?invoice_id={acme[0]['id']}")["payments"] == [])
    answer = visitor.post(path + "/pay")
    check("the gateway is away: back to the invoice", answer.status == 303 and answer.header("location") == path, answer.status)
    page = visitor.get(path)
    check("… which says so", "Our payment provider does not answer." in page.text, page.text)
    server.api("POST", "/payments", {"payment": {"invoice_id": acme[1]["id"], "amount_cents": 1000, "reference": "<u>bank</u>"}})
    path = f"/portal/invoices/{acme[1]['id']}"
    page = visitor.get(path)
    check("what is paid has no button", page.status == 200 and "/pay\"" not in page.text and CSP % "" in page.header("content-security-policy"))
    check("… and its payment", "&lt;u&gt;bank&lt;/u&gt;" in page.text)
    answer = visitor.post(path + "/pay")
    check("paying it again leads back", answer.status == 303 and answer.header("location") == path, answer.status)
    check("… which says so", "There is nothing to pay." in visitor.get(path).text)


def webhooks(server):
    """What nobody signed is refused, and the security log says from where, behind the proxy that is this machine."""
    answer = server.ask("POST", "/webhooks/gateways/sandbox", "{}", {"X-Forwarded-For": "192.0.2.1, 203.0.113.9"})
    lines = server.security("webhook_refused")
    check("an unsigned webhook", answer.status == 401 and len(lines) == 1 and "203.0.113.9" in lines[0]
          and "gateway sandbox: the webhook is not signed" in lines[0] and "192.0.2.1" not in lines[0], (answer.status, lines))


def without_gateway(server, acme):
    visitor = Visitor(server, "acme")
    page = visitor.get(f"/portal/invoices/{acme[0]['id']}")
    check("without a gateway no button", page.status == 200 and "/pay\"" not in page.text and CSP % "" in page.header("content-security-policy"))


with tempfile.TemporaryDirectory() as folder:
    server = start(folder, WITH_GATEWAY)
    acme, other, draft = make_world(server)
    check("the world", (len(acme), len(other), draft[0]["status"]) == (2, 2, "draft"), (acme, other, draft))
    whose(server, acme[0], other[0], draft[0])
    shown(server, acme, other)
    files(server, acme)
    logo(server)
    paying(server, acme)
    webhooks(server)
    server.stop()
    server = start(folder)
    without_gateway(server, acme)
    server.stop()
billow.end()
