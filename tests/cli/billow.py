"""What the Python tests share: counting checks, running the program, a running `billow serve`.

The test's first argument is the program.  A test ends with `billow.end()`."""
import http.client, json, os, re, select, signal, subprocess, sys, time

BILLOW = os.path.realpath(sys.argv[1])
KEY = "python-test-key-0123456789"
passed = failed = 0


def check(name, good, seen=""):
    global passed, failed
    if good:
        passed += 1
    else:
        failed += 1
        print("FAILED", name, str(seen)[:2000])


def wait_for(what, seconds=30):
    """What `what` says once it says something; it is asked again and again, for a bounded time."""
    until = time.monotonic() + seconds
    while True:
        found = what()
        if found or time.monotonic() > until:
            return found
        select.select([], [], [], 0.02)


def end():
    """Tells the count in the test's last line, and ends with it."""
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


def environment(env=None):
    """This process's, with the API key and what is in `env`; None takes a variable out."""
    said = {**os.environ, "BILLOW_API_KEY": KEY, **(env or {})}
    return {name: value for name, value in said.items() if value is not None}


def run(*arguments, folder, given=None, env=None):
    return subprocess.run([BILLOW, *arguments], capture_output=True, text=True, cwd=folder, timeout=120, input=given, env=environment(env))


class Answer:
    """status, headers (names in small letters, in the order sent), content as bytes and as text."""

    def __init__(self, answer):
        self.status = answer.status
        self.headers = [(name.lower(), value) for name, value in answer.getheaders()]
        self.content = answer.read()
        self.text = self.content.decode("utf-8", "replace")

    def header(self, name):
        return next((value for key, value in self.headers if key == name), None)

    @property
    def json(self):
        return json.loads(self.text) if self.text.startswith("{") else self.text


class Server:
    """A running serve on a free port, without a rate limit; its log is the file `path`."""

    def __init__(self, folder, database, *options, env=None):
        self.path = os.path.join(folder, "log")
        self.log = open(self.path, "ab")
        self.process = subprocess.Popen(
            [BILLOW, "serve", "--listen", "127.0.0.1:0", "--database", database, *options], cwd=folder,
            stdout=subprocess.PIPE, stderr=self.log, env=environment({"BILLOW_RATE_LIMIT": "0", **(env or {})}))
        self.said, found = "", None
        while not found:
            line = self.process.stdout.readline().decode()
            if not line:
                raise SystemExit(f"serve did not start: {self.said}{self.text()}")
            self.said += line
            found = re.match(r"serving on http://127\.0\.0\.1:(\d+)$", line.strip())
        self.port = int(found.group(1))

    def ask(self, method, path, body=None, headers=None, make=Answer):
        """The answer, whatever it is; `body` as JSON unless it is text."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=90)
        try:
            connection.request(method, path, body if body is None or isinstance(body, (str, bytes)) else json.dumps(body), headers or {})
            return make(connection.getresponse())
        finally:
            connection.close()

    def call(self, method, path, body=None, key=KEY, headers=None):
        """Of the API, with a key: (status, JSON or text)."""
        answer = self.ask(method, path, body, {"Authorization": "Bearer " + key, "Content-Type": "application/json", **(headers or {})})
        return answer.status, answer.json

    def api(self, method, path, body=None):
        """What a call below /api/v1 answers that has to succeed."""
        status, answer = self.call(method, "/api/v1" + path, body)
        check(f"{method} {path}", 200 <= status < 300, (status, answer, body))
        return answer

    def clock(self, now, run_jobs=False):
        return self.api("PUT", "/test_clock", {"test_clock": {"now": now, "run_jobs": run_jobs}})

    def text(self):
        """Its log until now."""
        with open(self.path, encoding="utf-8") as file:
            return file.read()

    def security(self, event):
        """Lines of the security log about an event."""
        return [line for line in self.text().splitlines() if "security" in line and event in line]

    def end(self, number=signal.SIGTERM):
        """Its exit code after a signal; None: it had to be killed."""
        self.process.send_signal(number)
        try:
            return self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return None
        finally:
            self.log.close()

    def stop(self):
        code = self.end()
        check("it stops", code == 0, code)
