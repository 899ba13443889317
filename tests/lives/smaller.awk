# A campaign's text with smaller budgets, so that they run dry: every amount but those per player a 400th, at least 30.
/^ *budget( |$)/ { inside = 1 }
/^ *end *$/ { inside = 0 }
inside && !/per player/ && match($0, /[0-9][0-9,.]* [A-Z][A-Z][A-Z]/) {
  number = substr($0, RSTART, RLENGTH - 4); gsub(",", "", number)
  less = int(number / 400); if (less < 30) less = 30; if (less > number) less = number
  $0 = substr($0, 1, RSTART - 1) less substr($0, RSTART + RLENGTH - 4)
}
{ print }
