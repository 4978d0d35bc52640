"""Invoices of an English, an Arabic and a Japanese customer, as they are billed; run by
pdf_customers.sh with the program as its argument.  Pictures of the pages are left in build/screens/
to be looked at, beside those of tests/cli/pdf_pictures.sh."""
import base64, os, re, struct, subprocess, tempfile, zlib

import billow
from billow import KEY, check

PICTURES = os.path.join(os.path.dirname(billow.BILLOW), "screens")

# Units, tiers: 1,200 calls are 1,000 at 0.02 and 200 at 0.015 and 5 for the second tier: 28.00.
TIERS = [{"from_value": 0, "to_value": 1000, "per_unit_amount": "0.02", "flat_amount": "0"},
         {"from_value": 1001, "to_value": None, "per_unit_amount": "0.015", "flat_amount": "5"}]

CUSTOMERS = {  # net: what a month costs, 49.00 (¥4,900) and the calls
    "en": {"name": "Aurora Genomics Ltd", "currency": "EUR", "country": "IE", "address_line1": "12 Merrion Row", "city": "Dublin",
           "zipcode": "D02 P962", "words": ["Invoice", "Aurora Genomics Ltd", "Lindwurmstraße 88", "80337 München", "Tax number: DE 312 845 077", "HRB 12345", "varies", "€92.40"]},
    "ar": {"name": "شركة أورورا للجينوم", "currency": "AED", "country": "AE", "address_line1": "شارع الشيخ زايد ٨٨", "city": "دبي",
           "words": ["٩٢٫٤٠"]},
    "ja": {"name": "東海ロジスティクス株式会社", "currency": "JPY", "country": "JP", "address_line1": "六本木 6-10-1", "city": "東京都港区",
           "zipcode": "106-6108", "words": ["請求書", "東海ロジスティクス株式会社", "5,914"]},
}


def png(size):
    """A disc, as a picture of RGBA."""
    inside = lambda x, y: (2 * x - size) ** 2 + (2 * y - size) ** 2 < size * size
    rows = b"".join(b"\0" + b"".join(bytes([16, 112, 102, 255 if inside(x, y) else 0]) for x in range(size)) for y in range(size))
    part = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return (b"\x89PNG\r\n\x1a\n" + part(b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)) +
            part(b"IDAT", zlib.compress(rows)) + part(b"IEND", b""))


def make_world(server):
    server.clock("2026-10-01T00:00:00Z", run_jobs=True)
    server.api("PUT", "/billing_entities/default", {"billing_entity": {
        "name": "Northwind Cloud GmbH", "address_line1": "Lindwurmstraße 88", "zipcode": "80337", "city": "München", "country": "DE",
        "tax_identification_number": "DE 312 845 077", "legal_number": "HRB 12345", "email": "billing@northwind.example",
        "iban": "DE02120300000000202051", "bic": "BYLADEM1001",
        "logo": "data:image/png;base64," + base64.b64encode(png(96)).decode()}})
    server.api("POST", "/taxes", {"tax": {"name": "VAT", "code": "vat", "rate": "20"}})
    server.api("POST", "/billable_metrics", {"billable_metric": {"name": "API calls", "code": "calls", "aggregation_type": "count_agg"}})
    for language, customer in CUSTOMERS.items():
        sent = {name: value for name, value in customer.items() if name != "words"}
        server.api("POST", "/customers", {"customer": {**sent, "external_id": language, "tax_codes": ["vat"],
                                                       "billing_configuration": {"document_locale": language}}})
        server.api("POST", "/plans", {"plan": {
            "name": "Standard", "code": language, "interval": "monthly", "amount_cents": 4900, "amount_currency": customer["currency"],
            "charges": [{"billable_metric_code": "calls", "charge_model": "graduated", "properties": {"graduated_ranges": TIERS}}]}})
        server.api("POST", "/subscriptions", {"subscription": {"external_customer_id": language, "external_id": language, "plan_code": language}})
        for batch in range(12):
            server.api("POST", "/events/batch", {"events": [
                {"transaction_id": f"{language}-{batch}-{i}", "external_subscription_id": language, "code": "calls",
                 "timestamp": "2026-10-05T00:00:00Z"} for i in range(100)]})
    server.clock("2026-11-02T00:00:00Z", run_jobs=True)


def pdf_of(server, invoice):
    answer = server.ask("GET", f"/api/v1/invoices/{invoice['id']}/pdf", headers={"Authorization": "Bearer " + KEY})
    check("a PDF", answer.status == 200 and answer.content.startswith(b"%PDF"), answer.text[:200])
    return answer.content


def is_within(path):
    """No word touches a page's edge, and there are words."""
    told = subprocess.run(["pdftotext", "-bbox", path, "-"], capture_output=True, text=True, check=True).stdout
    width = height = 0.0
    boxes = []
    for kind, rest in re.findall(r"<(page|word) ([^>]*)>", told):
        box = {name: float(value) for name, value in re.findall(r'(\w+)="([-0-9.]+)"', rest)}
        if kind == "page":
            width, height = box["width"], box["height"]
        else:
            boxes.append(min(box["xMin"], box["yMin"], width - box["xMax"], height - box["yMax"]))
    return len(boxes) > 20 and min(boxes) >= 18


def look(folder, language, content):
    path = os.path.join(folder, language + ".pdf")
    with open(path, "wb") as file:
        file.write(content)
    check(f"{language}: nothing is cut", is_within(path))
    text = subprocess.run(["pdftotext", "-enc", "UTF-8", path, "-"], capture_output=True, text=True, check=True).stdout
    for words in CUSTOMERS[language]["words"]:
        check(f"{language}: {words}", words in text, text)
    # Of joined letters Poppler gives gaps: they are read without blanks.
    letters = re.sub("[\\s\u200e\u200f\u202a-\u202e]", "", text)
    check(f"{language}: the customer's name", re.sub(r"\s", "", CUSTOMERS[language]["name"]) in letters, text)
    fonts = subprocess.run(["pdffonts", path], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
    check(f"{language}: fonts are in it", fonts and all(line.split()[-5] == "yes" for line in fonts), fonts)
    if language == "ja":
        check("Japanese glyphs for Japanese", any("CJKjp" in line or "CJK" in line and "JP" in line.upper() for line in fonts), fonts)
    subprocess.run(["pdftoppm", "-png", "-r", "96", path, os.path.join(PICTURES, f"customer-{language}")], check=True)


def main():
    os.makedirs(PICTURES, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        server = billow.Server(folder, "sqlite::memory:", "--test-clock")
        make_world(server)
        for language in CUSTOMERS:
            invoice = server.api("GET", f"/invoices?external_customer_id={language}")["invoices"][0]
            content = pdf_of(server, invoice)
            check(f"{language}: the same bytes twice", content == pdf_of(server, invoice))
            look(folder, language, content)
        server.stop()
    billow.end()


main()
