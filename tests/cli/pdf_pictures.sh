#!/usr/bin/env bash
# Invoices and receipts in English, Arabic and Japanese as other programs read them (Poppler): every
# font is in the file, every word stands within its page, and names read as they were written.  Of
# Arabic, Poppler gives the letters in logical order, but with gaps in words where letters join: it
# is read without blanks.  Pictures of the pages are left in build/screens/ to be looked at.
set -uo pipefail
here=$(dirname "$(realpath "$0")")
build=$(dirname "$(realpath "$1")")
pictures=$here/../../build/screens
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p "$pictures"
# shellcheck disable=SC1091
. "$here/../check.bash"

# reads FILE WORD...: each word is found in the text, in the order in which one reads it.
reads() {
    local text
    text=$(pdftotext -enc UTF-8 "$1" -) || return 1
    shift
    for word in "$@"; do
        grep -qF -- "$word" <<<"$text" || { echo "no $word in: $text"; return 1; }
    done
}

# reads_letters FILE NAME: the name, without its blanks, is found in the text's letters.
reads_letters() {
    pdftotext -enc UTF-8 "$1" - | python3 -c '
import re, sys
letters = lambda text: re.sub("[ \u202a-\u202e]", "", text)
text = letters(sys.stdin.read())
sys.exit(0 if letters(sys.argv[1]) in text.split("\n") else "no such name in: " + text)' "$2"
}

# within FILE: no word touches a page's edge.
within() {
    pdftotext -bbox "$1" - | python3 -c '
import re, sys
width = height = words = 0
for tag, rest in re.findall(r"<(page|word) ([^>]*)>", sys.stdin.read()):
    box = {name: float(value) for name, value in re.findall(r"(\w+)=\"([-0-9.]+)\"", rest)}
    if tag == "page":
        width, height = box["width"], box["height"]
        continue
    words += 1
    if min(box["xMin"], box["yMin"], width - box["xMax"], height - box["yMax"]) < 18:
        sys.exit(f"a word at {box} of a page of {width} x {height}")
sys.exit(0 if words > 10 else "hardly any word")'
}

embedded() { pdffonts "$1" | awk 'NR > 2 && $(NF - 4) != "yes" { print; bad = 1 } NR > 2 { fonts++ } END { exit bad || !fonts }'; }

picture() { pdftoppm -png -r 96 "$1" "$2" && [ "$(stat -c %s "$2"-*1.png)" -gt 10000 ]; }

for kind in invoice receipt; do
    check "$kind drawn" 0 ', 0 failed' env BILLOW_TEST_PDF_DIR="$folder" "$build/src/document/${kind}_pdf_test"
done
for kind in invoice receipt; do
    for language in en ar ja; do
        file=$folder/$kind-$language.pdf
        check "$kind $language: fonts are in it" 0 '' embedded "$file"
        check "$kind $language: nothing is cut" 0 '' within "$file"
        check "$kind $language: a picture" 0 '' picture "$file" "$pictures/$kind-$language"
    done
    check "$kind en reads" 0 '' reads "$folder/$kind-en.pdf" 'Aurora Genomics AG' '€'
    check "$kind ar reads" 0 '' reads_letters "$folder/$kind-ar.pdf" 'شركة أورورا للجينوم'
    check "$kind ja reads" 0 '' reads "$folder/$kind-ja.pdf" '北風クラウド株式会社'
done
check 'invoice ar: Latin reads' 0 '' reads "$folder/invoice-ar.pdf" 'IBAN'
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
