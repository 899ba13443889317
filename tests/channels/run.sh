#!/usr/bin/env bash
# What promo preview and promo terms print and write: samples, given values, what a player was sent, files, and what is refused.
#
# check: yes
# asan: yes
set -u
cd "$(dirname "$0")/../.." || exit 2
promo=${PROMO:-${OUT:-build}/promo}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

# holds WHAT FILE TEXT: the file holds this line or part of one. Blanks that do not break are read as blanks.
holds() {
    if sed 's/\xc2\xa0/ /g; s/\xe2\x80\xaf/ /g' "$2" | grep -qF -- "$3"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED $1: no \`$3\` in"
        sed 's/^/    /' "$2" | head -20
    fi
}
# ends WHAT STATUS COMMAND…: its exit status; what it prints is in $work/out and $work/err.
ends() {
    local what=$1 status=$2
    shift 2
    "$@" >"$work/out" 2>"$work/err"
    local got=$?
    if [ "$got" = "$status" ]; then passed=$((passed + 1)); else
        failed=$((failed + 1))
        echo "FAILED $what: ended with $got, not $status"
        sed 's/^/    /' "$work/err" | head
    fi
}

ends "the names of messages" 0 "$promo" preview tests/channels/gift.promo
holds "the names of messages" "$work/out" "gift"

ends "samples" 0 "$promo" preview tests/channels/gift.promo gift
holds "english subject" "$work/out" "Subject: 20 spins for you"
holds "german subject" "$work/out" "Subject: 20 Freispiele für dich"
holds "the link of an email is whole" "$work/out" "<https://example.com/play?player=P000001&a=b&utm_source=promo&utm_medium=email>"
holds "the link of an sms is short" "$work/out" "https://spn.ex/Sner3fCO4e"
holds "an amount in german" "$work/out" "zu 0,10 €"
holds "parts of an sms" "$work/out" "sms, de: 1 part, "
holds "a date in english" "$work/out" "June 15, 2026 at 6:30 PM"
holds "terms in a mail" "$work/out" "You get 20 free spins of €0.10 each."

ends "samples of what is worked out" 0 "$promo" preview tests/channels/match.promo match
holds "the largest amount" "$work/out" "Subject: €60.00 on top"
holds "wagering as the terms say" "$work/out" "€60.00, to be wagered 20 times: €1,200.00"
ends "terms of what a code brings" 0 "$promo" terms examples/c05-spring-codes
holds "the days of the codes" "$work/out" "The offer is open from April 1, 2026 through April 30, 2026."
ends "facts with words" 0 "$promo" terms tests/channels/match.promo --format json
holds "a duration in days" "$work/out" '{"fact":"expires","words":"7 days"}'
holds "a duration in hours" "$work/out" '{"fact":"claim","number":86400000,"words":"24 hours"}'
holds "how many times" "$work/out" '{"fact":"wagering","number":20000000,"words":"20","other":1}'

ends "given values" 0 "$promo" preview tests/channels/gift.promo gift --channel sms --locale en \
    --value offer.spins=1 --value "offer.value=2.00 EUR"
holds "one of a kind" "$work/out" "One spin of €2.00: https://"

ends "files" 0 "$promo" preview tests/channels/gift.promo gift --out "$work/files"
for file in gift.email.en.html gift.email.en.txt gift.email.de.html gift.email.de.txt gift.sms.en.txt gift.sms.de.txt; do
    holds "file $file is told" "$work/out" "$work/files/$file"
done
holds "a page" "$work/files/gift.email.en.html" '<h1>20 free spins for P000001</h1>'
holds "its title" "$work/files/gift.email.en.html" '<title>20 spins for you</title>'
holds "a link in a page" "$work/files/gift.email.en.html" \
    '<a href="https://example.com/play?player=P000001&amp;a=b&amp;utm_source=promo&amp;utm_medium=email">Play now</a>'
holds "terms are escaped" "$work/files/gift.email.en.html" 'It is for these games: book &amp; co.'
holds "styles stay" "$work/files/gift.email.de.html" '<style>body { margin: 2em }</style>'
holds "an attribute" "$work/files/gift.email.de.html" '<p title="P000001">Gültig bis 15. Juni 2026'
holds "words of a page" "$work/files/gift.email.de.txt" 'Spielen <https://example.com/play'

cat >"$work/events" <<'END'
{"id":"1","event":"deposit","player":"<b>7","at":"2026-06-01T10:00:00Z","data":{"amount":"30.00 EUR","first":true,"method":"card"}}
{"id":"2","event":"session","player":"p2","at":"2026-06-01T10:00:00Z","data":{}}
END
ends "a run" 0 "$promo" run --bundle tests/channels/gift.promo --events "$work/events" --db "$work/db" --effects "$work/effects"
holds "effects carry ids of links" "$work/effects" '"links":{"play":"'
holds "effects carry what was credited" "$work/effects" '"offer.spins":20'
ends "what a player was sent" 0 "$promo" preview tests/channels/gift.promo gift --db "$work/db" --player "<b>7" --out "$work/sent"
holds "his own values" "$work/sent/gift.email.en.html" '<h1>20 free spins for &lt;b&gt;7</h1>'
holds "his own time, in the zone of the workspace" "$work/sent/gift.email.en.txt" "June 3, 2026 at 12:00 PM"
id=$(sed -n 's/.*"channel":"sms".*"links":{"play":"\([A-Za-z0-9]*\)".*/\1/p' "$work/effects")
holds "the id of the effect" "$work/sent/gift.sms.en.txt" "https://spn.ex/$id"
ends "a player who was sent nothing" 0 "$promo" preview tests/channels/gift.promo gift --db "$work/db" --player p2
holds "is told so" "$work/err" 'was never sent to `p2`'
ends "an unknown player" 1 "$promo" preview tests/channels/gift.promo gift --db "$work/db" --player p3
holds "nothing is known" "$work/err" 'nothing is known of a player `p3`'

ends "an unknown message" 1 "$promo" preview tests/channels/gift.promo gfit
holds "did you mean" "$work/err" 'did you mean `gift`?'
ends "a channel without a body" 1 "$promo" preview tests/channels/gift.promo gift --channel push
holds "no body" "$work/err" 'has no body for push'
ends "a player without a database" 2 "$promo" preview tests/channels/gift.promo gift --player p1
ends "no project" 2 "$promo" preview

ends "terms" 0 "$promo" terms tests/channels/gift.promo
holds "terms in english" "$work/out" "- The smallest deposit is €20."
ends "terms in german" 0 "$promo" terms tests/channels/gift.promo --locale de --format html
holds "terms in german" "$work/out" "<li>Es endet 48 Stunden nach der Gutschrift.</li>"
holds "escaped" "$work/out" "book &amp; co"
ends "terms as JSON" 0 "$promo" terms tests/channels/gift.promo --format json --offer "gift spins"
holds "terms as JSON" "$work/out" '{"fact":"deposit","number":2000,"currency":"EUR"}'
ends "terms of what is taken back" 0 "$promo" terms tests/channels/terms.promo
holds "every event that cancels" "$work/out" "- It is cancelled by: asking for a withdrawal, account closed and withdrawal paid where amount is at least 100 EUR."
holds "one that cancels" "$work/out" "- Asking for a withdrawal cancels it."
holds "what takes it back" "$work/out" "- It is taken back if the deposit that brought it is reversed."
holds "wagering of spins" "$work/out" "- The value of the spins must be wagered 35 times before what they win can be withdrawn."
holds "points of a currency" "$work/out" "- You get 100 points (“stars”)."
holds "a prize" "$work/out" "- You get the prize of your place, at most €20, as a bonus."
holds "the prizes" "$work/out" "- The prizes: place 1: €20; places 2–4: €5 each."
holds "nothing to wager for a prize" "$work/out" "- There is nothing to wager."
ends "the same in german" 0 "$promo" terms tests/channels/terms.promo --locale de
holds "a prize in german" "$work/out" "- Du erhältst den Preis deines Platzes, höchstens 20 €, als Bonus."
ends "an unknown language" 2 "$promo" terms tests/channels/gift.promo --locale xx
ends "an unknown offer" 1 "$promo" terms tests/channels/gift.promo --offer nothing

echo "channels: $passed passed, $failed failed"
[ "$failed" = 0 ]
