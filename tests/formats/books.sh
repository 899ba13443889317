#!/usr/bin/env bash
# books.sh FILE: what the tables for people say of money, to be compared.
set -eu
rows=${OUT:-build}/tests/rows_tool
"$rows" "$1" "SELECT campaign, cap, reserved, spent, suspended FROM budgets ORDER BY campaign"
"$rows" "$1" "SELECT now, campaign, journey, kind, offer, amount, currency, budget, reason, detail, effect FROM ledger ORDER BY 1, 11, 4, 8, 2, 3"
