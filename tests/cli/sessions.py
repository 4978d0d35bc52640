"""Sign-in, sessions, CSRF, forms and headers of the pages, over HTTP; run by sessions.sh with the program as its argument."""
import html, re, tempfile, urllib.parse

import billow
from billow import check

PASSWORD = "correct horse battery"
CSP = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
       "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'")


def run(folder, *arguments, given=None):
    done = billow.run(*arguments, "--database", "sqlite:b.db", folder=folder, given=given)
    return done.returncode, done.stdout + done.stderr


def start(folder, *options):
    return billow.Server(folder, "sqlite:b.db", "--test-clock", *options)


class Page(billow.Answer):
    @property
    def location(self):
        return self.header("location")

    def cookies(self):
        return [value for key, value in self.headers if key == "set-cookie"]

    def field(self, name):
        """What a control shows, and the words of its error."""
        tag = next((t for t in re.findall(r"<(?:input|select)[^>]*>", self.text) if f'name="{name}"' in t), "")
        value = re.search(r'value="([^"]*)"', tag)
        error = re.search(rf'id="{name}-error">(.*?)</div>', self.text, re.S)
        return (html.unescape(value.group(1)) if value else "",
                html.unescape(re.sub("<[^>]*>", "", error.group(1))).strip() if error else "")

    def token(self):
        found = re.search(r'name="csrf" value="([0-9a-f]{64})"', self.text)
        return found.group(1) if found else ""


class Browser:
    def __init__(self, server):
        self.server, self.jar = server, {}

    def ask(self, method, path, body=None, headers=None, cookies=None):
        sent = {"Accept": "text/html,*/*;q=0.8", "User-Agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0"}
        jar = self.jar if cookies is None else cookies
        if jar:
            sent["Cookie"] = "; ".join(f"{k}={v}" for k, v in jar.items())
        if body is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        sent.update(headers or {})
        answer = self.server.ask(method, path, body, sent, Page)
        for cookie in answer.cookies():
            name, value = cookie.split(";")[0].split("=", 1)
            if value:
                self.jar[name] = value
            else:
                self.jar.pop(name, None)
        return answer

    def get(self, path, **more):
        return self.ask("GET", path, **more)

    def post(self, path, fields, token=None, **more):
        """As a page's own form, with the token that the browser's pages have now."""
        if token is None:
            token = self.token
        body = urllib.parse.urlencode([*fields.items(), ("csrf", token)])
        return self.ask("POST", path, body=body, **more)

    def load(self, path):
        answer = self.get(path)
        self.token = answer.token() or getattr(self, "token", "")
        return answer

    def sign_in(self, email="anna@example.com", password=PASSWORD):
        self.load("/sign-in")
        return self.post("/sign-in", {"email": email, "password": password, "next": "/account"})


# ---- headers ------------------------------------------------------------------------------------

def check_headers(name, answer, https=False):
    wanted = {
        "content-security-policy": CSP, "x-content-type-options": "nosniff", "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin", "referrer-policy": "same-origin",
        "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "cache-control": "private, no-cache",
        "strict-transport-security": "max-age=31536000; includeSubDomains" if https else None}
    for key, value in wanted.items():
        values = [v for k, v in answer.headers if k == key]
        check(f"{name}: {key} stands once, as it should", values == ([value] if value else []), values)


def headers(server, folder):
    browser = Browser(server)
    page = browser.load("/sign-in")
    check("the sign-in page", page.status == 200 and page.header("content-type") == "text/html; charset=utf-8", page.text)
    answers = {"sign-in": page, "redirect": browser.get("/account"), "no such page": browser.get("/nothing/here"),
               "wrong form": browser.post("/sign-in", {"email": "x"}), "forged": browser.post("/sign-in", {}, token="0" * 64),
               "no method": browser.ask("POST", "/health", body="a=b"), "portal": browser.get("/portal/sign-in"),
               "not a link": browser.get("/portal/link/" + "0" * 64)}
    for name, answer in answers.items():
        check_headers(name, answer)
    check("status of each", [a.status for a in answers.values()] == [200, 303, 404, 422, 403, 405, 200, 404],
          [a.status for a in answers.values()])
    check("who is asked for sign-in comes back", answers["redirect"].location == "/sign-in?next=%2Faccount", answers["redirect"].location)
    for name in ("no such page", "forged"):
        check(f"{name}: a page that tells nothing", "<h1" in answers[name].text and "csrf" not in answers[name].text.replace('name="csrf"', ""),
              answers[name].text)
    other = browser.get("/nothing/here", headers={"Accept": "application/json"})
    check("a program gets JSON", other.status == 404 and other.text.startswith("{"), other.text)
    other = browser.get("/api/v1/nothing")
    check("the API answers JSON", other.status in (401, 404) and other.text.startswith("{"), other.text)
    tag = page.header("etag")
    again = browser.get("/sign-in", headers={"If-None-Match": tag})
    check("an unchanged page is not sent again", again.status == 304 and again.text == "" and tag, (again.status, tag))
    cookie = page.cookies()[0]
    check("cookie of a visit", re.fullmatch(r"billow_visit=[0-9a-f]{64}; Path=/; HttpOnly; SameSite=Lax", cookie), cookie)
    check("German", "Anmelden" in browser.get("/sign-in", headers={"Accept-Language": "fr, de-CH;q=0.8"}).text)
    arabic = browser.get("/sign-in", headers={"Accept-Language": "ar"}).text
    check("Arabic, from right to left", 'dir="rtl"' in arabic and 'lang="ar"' in arabic, arabic[:300])
    browser.get("/sign-in?lang=ja")
    check("a language that was chosen stays", 'lang="ja"' in browser.get("/sign-in").text)


# ---- signing in ---------------------------------------------------------------------------------

def signing_in(server):
    browser = Browser(server)
    done = browser.sign_in()
    cookie = next((c for c in done.cookies() if c.startswith("billow_session")), "")
    check("signed in", done.status == 303 and done.location == "/account", (done.status, done.text))
    check("cookie of a session", re.fullmatch(
        r"billow_session=[0-9a-f]{64}; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax", cookie), cookie)
    page = browser.load("/account")
    check("my account", page.status == 200 and "anna@example.com" in page.text and "Firefox, Linux" in page.text, page.text)
    check_headers("my account", page)
    check("signed in already", browser.get("/sign-in").location == "/" and browser.get("/").status == 200)
    for away in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\r\nX: y", ""):
        other = Browser(server)
        other.load("/sign-in?" + urllib.parse.urlencode({"next": away}))
        done = other.post("/sign-in", {"email": "anna@example.com", "password": PASSWORD, "next": away})
        check(f"never led away to {away!r}", done.status == 303 and done.location == "/", done.location)
    # the same answer, whoever it is
    answers = []
    for email, password in (("nobody@example.com", PASSWORD), ("anna@example.com", "wrong password"), ("off@example.com", PASSWORD)):
        other = Browser(server)
        done = other.sign_in(email, password)
        check(f"{email} is refused", done.status == 422, done.status)
        answers.append(re.sub(r"[0-9a-f]{64}", "", done.text.replace(email, "")))
    check("the same words for all", answers[0] == answers[1] == answers[2])
    reasons = [line for line in server.security("sign_in_failed")]
    for reason in ("unknown user", "wrong password", "disabled user"):
        check(f"the log says: {reason}", any(reason in line and "127.0.0.1" in line for line in reasons), reasons)
    behind = Browser(server)
    behind.load("/sign-in")
    behind.post("/sign-in", {"email": "proxied@example.com", "password": "x"}, headers={"X-Forwarded-For": "203.0.113.66, 203.0.113.9"})
    behind.post("/sign-in", {"email": "liar@example.com", "password": "x"}, headers={"X-Forwarded-For": "<script>"})
    told = server.security("sign_in_failed")
    check("behind a proxy the address is the browser's", any("proxied" in t and "203.0.113.9" in t and "66" not in t.split("203.0.113.9")[0][-4:] for t in told), told)
    check("what is no address is none", any("liar" in t and "127.0.0.1" in t for t in told), told)
    check("no password in the log", PASSWORD not in server.text() and "wrong password" not in
          "".join(line.replace("reason=\"wrong password\"", "") for line in reasons if '"reason":"wrong password"' not in line), reasons)
    return browser


def slowed(server):
    """Five attempts at an account follow each other; the next has to wait, with the good password too.

    The first pause is a second: a machine that takes longer for an attempt lets the good one in, which forgets the
    attempts, and the round begins anew."""
    for _ in range(10):
        statuses = [Browser(server).sign_in("slow@example.com", "not it at all").status for _ in range(5)]
        done = Browser(server).sign_in("slow@example.com", PASSWORD)
        if done.status == 429:
            break
    check("five attempts are answered", statuses == [422] * 5, statuses)
    check("the next has to wait, even with the password", done.status == 429 and int(done.header("retry-after") or 0) >= 1, (done.status, done.headers))
    check("other accounts are not", Browser(server).sign_in().status == 303)
    check("the log knows", server.security("sign_in_slowed"))


# ---- CSRF ---------------------------------------------------------------------------------------

def csrf(server, browser):
    browser.load("/account")
    name = {"name": "Changed", "language": ""}
    for title, answer in {
        "missing": browser.ask("POST", "/account", body=urllib.parse.urlencode(name)),
        "empty": browser.post("/account", name, token=""),
        "forged": browser.post("/account", name, token="a" * 64),
        "of nobody's visit": browser.post("/account", name, token=Browser(server).load("/sign-in").token()),
        "cut": browser.post("/account", name, token=browser.token[:63]),
        "from another site": browser.post("/account", name, headers={"Sec-Fetch-Site": "cross-site"}),
        "from a sister site": browser.post("/account", name, headers={"Sec-Fetch-Site": "same-site"}),
        "of another origin": browser.post("/account", name, headers={"Origin": "https://evil.example"}),
        "of no origin": browser.post("/account", name, headers={"Origin": "null"}),
    }.items():
        check(f"token {title}: 403", answer.status == 403, answer.status)
    check("each stands in the log", len(server.security("csrf_refused")) >= 9)
    other = Browser(server)
    other.sign_in()
    other.load("/account")
    check("another session's token", browser.post("/account", name, token=other.token).status == 403)
    check("nothing was changed", "Changed" not in browser.get("/account").text)
    body = urllib.parse.urlencode(name | {"csrf": browser.token})
    check("JSON is no form", browser.ask("POST", "/account", body=body, headers={"Content-Type": "application/json"}).status == 415)
    check("bad UTF-8", browser.ask("POST", "/account", body="name=%ff&csrf=" + browser.token).status == 400)
    check("too many fields", browser.ask("POST", "/account", body="a=b&" * 1001).status == 400)
    check("too large", browser.ask("POST", "/account", body="a=" + "b" * 300000).status == 413)
    origin = {"Origin": f"http://127.0.0.1:{server.port}", "Sec-Fetch-Site": "same-origin"}
    check("our own page's is taken", browser.post("/account", {"name": "Anna", "language": ""}, headers=origin).status == 303)
    old = other.token
    other.post("/sign-out", {})
    check("signed out: to the sign-in page", other.get("/account").location.startswith("/sign-in"))
    check("from where one comes back to what one asked for", other.get("/invoices?state=overdue&q=a%26b").location == "/sign-in?next=%2Finvoices%3Fstate%3Doverdue%26q%3Da%2526b")
    other.sign_in()
    other.load("/account")
    check("a token of the session before is refused", other.post("/account", name, token=old).status == 403)


# ---- forms --------------------------------------------------------------------------------------

HOSTILE = '"><script>alert(1)</script>\'&amp;'
RTL = "مرحبا \u202e\u2067 עולם"
EMOJI = "Zoë 👩\u200d💻🇩🇪"


def forms(server, browser):
    browser.load("/account")
    for value in (HOSTILE, RTL, EMOJI, "日本語 Ünï"):
        done = browser.post("/account", {"name": value, "language": "de"})
        page = browser.load("/account")
        check(f"name {value!r} is kept as it is", done.status == 303 and page.field("name")[0] == value, page.field("name"))
        check(f"name {value!r} is never markup", "<script>alert" not in page.text)
    check("in the language that was set", "Mein Konto" in page.text)
    browser.post("/account", {"name": "Anna", "language": "en"})
    check("a notice is shown", "Saved." in browser.load("/account").text)
    check("… once", "Saved." not in browser.load("/account").text)
    for field, value, other in (("name", "", "de"), ("name", "x" * 101, "de"), ("name", "a\tb", "de"), ("name", "   ", "ar"),
                                ("language", "xx-nonsense", None), ("language", HOSTILE, None), ("language", "d" * 60, None)):
        sent = {"name": value, "language": other} if field == "name" else {"name": "Kept " + EMOJI, "language": value}
        done = browser.post("/account", sent)
        shown, error = done.field(field)
        check(f"{field} {value[:20]!r}: 422 with words at the field", done.status == 422 and error, (done.status, error, done.text))
        if field == "name":
            check(f"{field} {value[:20]!r}: is shown again", shown == value, shown)
            check("… and the rest stays", f'value="{other}" selected' in done.text, done.text)
        else:
            check("the rest stays", done.field("name")[0] == "Kept " + EMOJI, done.field("name"))
        check("… with no markup of others", "<script>alert" not in done.text)
    sign = Browser(server)
    sign.load("/sign-in")
    for email in ("", "x", "a@b@c", "a b@example.com", HOSTILE, EMOJI, "x" * 300 + "@example.com", "a\u0000b@example.com", "ü@", RTL):
        done = sign.post("/sign-in", {"email": email, "password": "secret words"})
        if "\u0000" in email:
            shown, error = done.field("email")
            check("a zero byte is no text: words at the field", done.status == 422 and error, (done.status, error))
            continue
        shown, error = done.field("email")
        check(f"email {email[:20]!r}: words at the field", done.status == 422 and error and shown == email, (done.status, shown, error))
        check("a password is never sent back", "secret words" not in done.text)
    done = sign.post("/sign-in", {"email": "anna@example.com"})
    check("no password: words at the field", done.status == 422 and done.field("password")[1] and done.field("email")[0] == "anna@example.com")
    done = sign.post("/sign-in", {"email": "anna@example.com", "password": "p" * 5000})
    check("a password that is too long", done.status == 422 and done.field("password")[1], done.text)
    # passwords
    new = "another good password"
    for title, fields, field in (
            ("short", {"old_password": PASSWORD, "password": "short", "again": "short"}, "password"),
            ("long", {"old_password": PASSWORD, "password": "x" * 300, "again": "x" * 300}, "password"),
            ("not twice", {"old_password": PASSWORD, "password": new, "again": new + "!"}, "again"),
            ("none", {"old_password": PASSWORD, "password": "", "again": ""}, "password"),
            ("wrong old", {"old_password": "not the old one", "password": new, "again": new}, "old_password")):
        done = browser.post("/account/password", fields)
        check(f"new password {title}: words at {field}", done.status == 422 and done.field(field)[1], (done.status, done.text))
        check("… and none is sent back", new not in done.text and PASSWORD not in done.text)
    other = Browser(server)
    other.sign_in()
    done = browser.post("/account/password", {"old_password": PASSWORD, "password": new, "again": new})
    check("the password is changed", done.status == 303, done.text)
    check("this session stays", browser.load("/account").status == 200)
    check("the others end", other.get("/account").status == 303)
    check("the old one is no good", Browser(server).sign_in().status == 422)
    check("the new one is", Browser(server).sign_in(password=new).status == 303)
    browser.post("/account/password", {"old_password": new, "password": PASSWORD, "again": PASSWORD})


# ---- sessions -----------------------------------------------------------------------------------

def ended(server, folder, browser):
    other, third = Browser(server), Browser(server)
    other.sign_in()
    third.sign_in()
    kept = dict(other.jar)
    browser.load("/account")
    mine = re.findall(r'action="/account/sessions/([0-9a-f-]{36})/end"', browser.get("/account").text)
    check("the other sessions are listed", len(mine) >= 2, mine)
    nobody = "01890000-0000-7000-8000-000000000000"
    check("nobody's session", browser.post(f"/account/sessions/{nobody}/end", {}).status == 404)
    check("no id", browser.post("/account/sessions/x/end", {}).status == 404)
    check("all others end", browser.post("/account/sessions/end", {}).status == 303 and other.get("/account").status == 303)
    check("one's own stays", browser.get("/account").status == 200)
    check("an ended session is known in the log", server.security("ended_session_used"))
    check("its cookie opens nothing again", Browser(server).get("/account", cookies=kept).status == 303)
    off = Browser(server)
    check("vera signs in", off.sign_in("vera@example.com").status == 303)
    off.load("/account")
    check("a viewer may change what is hers", off.post("/account", {"name": "Vera", "language": ""}).status == 303)
    code, said = run(folder, "user", "disable", "VERA@example.com")
    check("user disable", code == 0 and "disabled" in said, said)
    check("a disabled user's session is over", off.get("/account").status == 303)
    check("… and she can't sign in", Browser(server).sign_in("vera@example.com").status == 422)
    code, said = run(folder, "user", "enable", "vera@example.com")
    check("user enable", code == 0 and Browser(server).sign_in("vera@example.com").status == 303, said)
    other.sign_in()
    cookie = dict(other.jar)
    other.load("/account")
    check("sign out", other.post("/sign-out", {}).location == "/sign-in")
    check("… says so", "You are signed out." in other.get("/sign-in").text)
    check("a signed-out session is refused", Browser(server).get("/account", cookies=cookie).status == 303)
    # time: seen now and then it lives for a week; unseen for 12 hours it ends
    day = 86400
    start = 1800000000
    server.api("PUT", "/test_clock", {"test_clock": {"now": iso(start)}})
    fresh, idle = Browser(server), Browser(server)
    fresh.sign_in()
    idle.sign_in()
    statuses = {}
    for hours in range(11, 24 * 7, 11):
        server.api("PUT", "/test_clock", {"test_clock": {"now": iso(start + hours * 3600)}})
        statuses[hours] = fresh.get("/account").status
    check("alive for a week", set(statuses.values()) == {200}, statuses)
    check("idle: over", idle.get("/account").status == 303)
    server.api("PUT", "/test_clock", {"test_clock": {"now": iso(start + 7 * day)}})
    check("over after a week", fresh.get("/account").status == 303)


def iso(seconds):
    import datetime
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


# ---- the portal ---------------------------------------------------------------------------------

def portal(server, folder):
    for external, email in (("acme", "Pay@Acme.example"), ("acme-2", "pay@acme.example"), ("other", "x@other.example")):
        server.api("POST", "/customers", {"customer": {"external_id": external, "name": f"{external} GmbH", "email": email, "currency": "EUR"}})
    browser = Browser(server)
    browser.load("/portal/sign-in")
    known = browser.post("/portal/sign-in", {"email": "pay@acme.example"})
    unknown = browser.post("/portal/sign-in", {"email": "who@acme.example"})
    check("the same answer for all addresses", known.status == unknown.status == 200 and
          known.text.replace("pay@", "") == unknown.text.replace("who@", ""))
    wrong = browser.post("/portal/sign-in", {"email": HOSTILE})
    check("a wrong address: words at the field", wrong.status == 422 and wrong.field("email") [1] and wrong.field("email")[0] == HOSTILE)
    statuses = [browser.post("/portal/sign-in", {"email": "pay@acme.example"}).status for _ in range(4)]
    check("links are not sent without end", statuses[-1] == 429 and statuses[0] == 200, statuses)
    url = server.api("GET", "/customers/acme/portal_url")["customer"]["portal_url"]
    base = f"http://127.0.0.1:{server.port}/portal/link/"
    check("an operator's link", url.startswith(base) and len(url) == len(base) + 64, url)
    path = urllib.parse.urlsplit(url).path
    for _ in range(3):
        page = browser.load(path)
        check("looking uses nothing up", page.status == 200 and page.token())
    check_headers("the link's page", page)
    check("a scanner without a token opens nothing", browser.ask("POST", path, body="").status == 403)
    done = browser.post(path, {})
    cookie = next((c for c in done.cookies() if c.startswith("billow_portal")), "")
    check("the button opens it", done.status == 303 and done.location == "/portal", (done.status, done.text))
    check("cookie of the portal", re.fullmatch(
        r"billow_portal=[0-9a-f]{64}; Path=/portal; Max-Age=604800; HttpOnly; SameSite=Lax", cookie), cookie)
    check("the portal's start", browser.get("/portal").status == 200)
    page = browser.load("/portal/account")
    check("the customer's account", page.status == 200 and "acme GmbH" in page.text and "acme-2" not in page.text, page.text)
    second = Browser(server)
    second.load("/portal/sign-in")
    check("a link opens once", second.post(path, {}).status == 404 and second.get(path).status == 404)
    check("… and the log knows", server.security("portal_link_refused"))
    check("the portal is no way into the console", browser.get("/account").location.startswith("/sign-in"))
    other = server.api("GET", "/customers/other")["customer"]
    identity = other.get("lago_id") or other["id"]
    check("another customer is not shown", browser.post(f"/portal/show/{identity}", {}).status == 404)
    check("… and the log knows", server.security("not_owned"))
    console = Browser(server)
    console.sign_in()
    console.load("/account")
    check("the console's token is none of the portal", browser.post("/portal/sign-out", {}, token=console.token).status == 403)
    kept = dict(browser.jar)
    check("sign out", browser.post("/portal/sign-out", {}).location == "/portal/sign-in")
    check("… is for good", Browser(server).get("/portal/account", cookies=kept).location.startswith("/portal/sign-in"))
    code, said = run(folder, "portal-link", "acme", "--public-url", "https://pay.example")
    check("billow portal-link", code == 0 and re.fullmatch(r"https://pay\.example/portal/link/[0-9a-f]{64}\n", said), said)
    late = Browser(server)
    late.load(urllib.parse.urlsplit(said.strip()).path)
    now = 1800000000 + 8 * 86400
    server.api("PUT", "/test_clock", {"test_clock": {"now": iso(now)}})
    check("a link that is too old", late.post(urllib.parse.urlsplit(said.strip()).path, {}).status == 404)
    code, said = run(folder, "portal-link", "nobody")
    check("a link for nobody", code == 2 and "nobody" in said, said)


# ---- users from the command line ----------------------------------------------------------------

def users(folder):
    for email, role in (("anna@example.com", "admin"), ("off@example.com", "member"), ("vera@example.com", "viewer"), ("slow@example.com", "member")):
        code, said = run(folder, "user", "add", email, "--role", role, "--name", email.split("@")[0], given=PASSWORD + "\n")
        check(f"user add {email}", code == 0, said)
    code, said = run(folder, "user", "add", "gen@example.com", "--generate")
    check("a password is made and shown", code == 0 and re.search(r"shown this once: \w{20}\n", said), said)
    for arguments, given, words in (
            (["ANNA@example.com"], PASSWORD, "no user has yet"), (["nonsense"], PASSWORD, "email"),
            (["new@example.com"], "short", "10 characters"), (["new@example.com"], "", "password"),
            (["new@example.com", "--role", "king"], PASSWORD, "viewer"), (["new@example.com", "--language", "qq"], PASSWORD, "language"),
            ([], PASSWORD, "email address")):
        code, said = run(folder, "user", "add", *arguments, given=given)
        check(f"user add {arguments} {given[:5]}: refused", code == 2 and words in said, (code, said))
    code, said = run(folder, "user", "disable", "off@example.com")
    check("user disable", code == 0, said)
    code, said = run(folder, "user", "list")
    check("user list", code == 0 and re.search(r"disabled +member +off@example\.com", said) and "active" in said, said)
    check("no hash is shown", "argon2" not in said)
    code, said = run(folder, "user", "password", "gen@example.com", given="a new long password\n")
    check("user password", code == 0, said)
    code, said = run(folder, "user", "password", "nobody@example.com", given=PASSWORD)
    check("a user that there is not", code == 2 and "nobody@example.com" in said, said)


def main():
    with tempfile.TemporaryDirectory() as folder:
        server = start(folder)
        check("an empty database says how the first user comes", "billow user add" in server.said + server.process.stdout.readline().decode(), server.said)
        server.stop()
        users(folder)
        server = start(folder)
        headers(server, folder)
        browser = signing_in(server)
        csrf(server, browser)
        forms(server, browser)
        ended(server, folder, browser)
        portal(server, folder)
        slowed(server)
        server.stop()
        server = start(folder, "--public-url", "https://billing.example")
        browser = Browser(server)
        page = browser.load("/sign-in")
        check_headers("over https", page, https=True)
        done = browser.sign_in()
        check("cookies are Secure over https", done.status == 303 and all(c.endswith("; Secure") for c in page.cookies() + done.cookies()), done.cookies())
        server.stop()


main()
billow.end()
