#!/bin/sh
# Adds up what the credits in an effects file cost: by campaign in all, and the most that one customer got, beside the budgets of the campaigns.
set -eu
awk '
function amount(line) { sub(/.*"cost":"/, "", line); sub(/ USD".*/, "", line); return line * 100 }
function text(line, key) { sub(".*\"" key "\":\"", "", line); sub(/".*/, "", line); return line }
BEGIN {
    total["Second order"] = "9,000"; most["Second order"] = "10"
    total["Big basket"] = "15,000"; most["Big basket"] = "60"
    total["Win back"] = "36,000"; most["Win back"] = "45"
}
/^\{"effect":"credit"/ && /"cost":"/ {
    campaign = text($0, "campaign"); player = text($0, "player")
    sum[campaign] += amount($0); count[campaign]++
    of[campaign, player] += amount($0)
    if (of[campaign, player] > largest[campaign]) largest[campaign] = of[campaign, player]
}
END {
    printf "   %-14s %10s %16s %14s %18s %14s\n", "campaign", "credits", "spent", "at most", "one customer", "at most"
    split("Second order|Big basket|Win back", names, "|")
    for (i = 1; i <= 3; i++) {
        n = names[i]
        printf "   %-14s %10d %12.2f USD %10s USD %14.2f USD %10s USD\n", n, count[n], sum[n] / 100, total[n], largest[n] / 100, most[n]
        all += sum[n]
    }
    printf "   %-14s %10s %12.2f USD\n", "together", "", all / 100
}' "$1"
