#!/bin/sh
# Turns the purchase history into the event stream of the example, on standard output, one record a line.
#
# The first record of a customer makes a registration at 00:00:00 and an attribute record; every record makes a deposit: the
# n-th of a customer's day at 12:00:00 + n seconds, with the id cdnow-<line of the file>. Amounts of 0.00 are kept.
# The history has no consents and no ages, so these are made up by rule: everybody is verified, and seven in ten, by the last
# digit of the customer's number, agreed to email.
set -eu
history=${1:-"$(dirname "$0")/CDNOW_master.txt"}

tr -d '\r' <"$history" | awk '
NR == 1 || NF < 4 { next }
{
    day = substr($2, 1, 4) "-" substr($2, 5, 2) "-" substr($2, 7, 2)
    first = !($1 in seen)
    if (first) {
        seen[$1] = 1
        consent = substr($1, length($1)) < 7 ? "true" : "false"
        printf "%s 00:00:00 %06d a\t{\"kind\":\"attributes\",\"id\":\"cdnow-a%s\",\"player\":\"%s\",\"at\":\"%sT00:00:00Z\",\"set\":{\"age_verified\":true,\"casino_email\":%s,\"country\":\"US\"}}\n", day, NR, $1, $1, day, consent
        printf "%s 00:00:00 %06d b\t{\"id\":\"cdnow-r%s\",\"event\":\"registered\",\"player\":\"%s\",\"at\":\"%sT00:00:00Z\",\"data\":{}}\n", day, NR, $1, $1, day
    }
    of_day = ($1 == customer && $2 == date) ? of_day + 1 : 1
    customer = $1
    date = $2
    second = of_day % 60
    minute = int(of_day / 60)
    time = sprintf("12:%02d:%02d", minute, second)
    printf "%s %s %06d c\t{\"id\":\"cdnow-%d\",\"event\":\"deposit\",\"player\":\"%s\",\"at\":\"%sT%sZ\",\"data\":{\"amount\":\"%s USD\",\"first\":%s,\"discs\":%d}}\n", day, time, NR, NR, $1, day, time, $4, first ? "true" : "false", $3
}' | LC_ALL=C sort | cut -f2-
printf '{"kind":"tick","at":"1998-12-31T00:00:00Z"}\n'
