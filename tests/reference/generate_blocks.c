/* The rest of the language, from templates: promotions, rules, rates, cards, experiments, lines of workspaces and terms. See generate.h.
 *
 * In a template <a|b|c> is one of these and <3-50> a number; a block comes or does not, by chance. What they stand for are campaigns,
 * metrics and books like any other; the evaluator walks what the checker has made of them.
 */
#include "tests/reference/generate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const blocks[] = {
    /* Events that happened at another time, that are taken back, that protect. */
    "event visit\n  happens at came_at\n  field came_at moment\n  field pages whole number up to 50\nend\n\n"
    "metric visits is count of visit <ever|over last 3 days|over this month>\n"
    "metric pages_least is smallest of visit.pages over last 30 days, kept up to 9\n"
    "metric visit_first is first time of visit ever\n"
    "metric visit_days is count of different days of visit over last 60 days\n"
    "metric visit_row is days in a row of visit ever, kept up to 40\n"
    "metric pages_kinds is count of different visit.pages over last 20 days, kept up to 30\n"
    "metric pages_before is sum of visit.pages before this month\n\n"
    "campaign \"Visits\"\n  owner \"Retention\"\n  note \"Who comes often\"\n  product casino\n  currency EUR\n  "
    "timezone \"Europe/Malta\"\n"
    "  start on visit where pages is at least <0-9>\n  enter every time, at most 2 at once\n"
    "  step \"Look\"\n"
    "    if player.visits is at least <1-4> and player.pages_least is known and player.pages_least is less than "
    "<2-30>\n      tag green\n    end\n"
    "    if player.visit_days is between 1 and <2-5> or player.visit_row is more than <0-3>\n      tag blue\n    end\n"
    "    choose by player.pages_kinds\n      when at least <2-6>  untag green\n      when less than 2  go on\n      "
    "otherwise  tag red\n    end\n"
    "    remember before as player.pages_before\n    remember share as journey.before * <2-9>, at most <50-900>\n"
    "    wait <10 minutes|2 days>\n"
    "    if visit.came_at is <not |>within last <1 day|90 minutes|1 month>\n      finish as \"SOON\"\n    end\n"
    "    if player.visit_first is known and player.visit_first is not within last <2 days|1 week>\n      finish as "
    "\"OLD\"\n    end\n"
    "    finish as \"SEEN\"\n  end\nend\n\n",

    "event pong_off from \"pong.off\"\n  reverses pong by pong_id at ponged_at\n  field pong_id text up to 64\n  field "
    "ponged_at moment\n"
    "  field amount money up to 1,000\n  field count whole number between 0 and 100\n  field sort one of a1, b1, "
    "c1\nend\n\n"
    "metric ponged is sum of pong.amount in EUR over last <7 days|48 hours> where sort is <a1|b1>\n"
    "metric pong_most is largest of pong.count ever, kept up to 12\n\n"
    "campaign \"Pongs\"\n  product casino\n  currency EUR\n  timezone \"Europe/Malta\"\n"
    "  start on pong where player.ponged is at least <0-400> EUR\n  enter at most 4 times per 2 weeks\n"
    "  goal \"more\" within <2 days|14 days> on pong where count is more than <1-50>\n"
    "  measure \"spent\" after 1 day within 7 days of pong.amount\n"
    "  step \"Only\"\n    split \"pongs\"\n      <10%  \"A\"  tag red\n      90%  \"B\"  tag green|50%  \"A\"  tag "
    "red\n      50%  \"B\"  go on>\n    end\n"
    "    if player.pong_most is known and player.pong_most is at least <3-90>\n      finish as \"MOST\"\n    end\n    "
    "finish as \"DONE\"\n  end\nend\n\n",

    "event rest_day\n  safety time_out\n  sets resting until ends\n  field ends moment\nend\n\nattribute resting yes "
    "or no, otherwise no\n\n"
    "campaign \"Rested\"\n  product casino\n  currency EUR\n  timezone \"Europe/Malta\"\n  start on ping\n  enter "
    "every time, at most 2 at once\n"
    "  pause on time_out\n"
    "  step \"Only\"\n    wait up to <1 day|30 hours>\n      when pong where flag is <yes|no>  finish as \"PONG\"\n    "
    "  when time is up  go on\n    end\n"
    "    wait <2 hours|1 week>\n    finish as \"DONE\"\n  end\nend\n\n",

    /* Terms, and how bonuses are played. */
    "terms \"ladder\"\n  wagering <5|20>x of bonus\n  counts slots 100%, table <10|50>%, live 0%\n  funds real, bonus\n"
    "  stake at most <2-20> EUR, otherwise <forfeit|not counted>\n  win at most <50-500> EUR\n"
    "  expires <2|10> days after activation\n  queue one at a time\n  cancel on withdrawal_requested where amount is "
    "at least <1-100> EUR\n"
    "  revoke on deposit_reversed\nend\n\n"
    "campaign \"Match\"\n  product casino\n  currency EUR\n  timezone \"Europe/Malta\"\n"
    "  budget\n    total <500-20000> EUR\n    per offer \"match\" <300-400> EUR\n    per player 100 EUR\n  end\n"
    "  start on deposit\n  enter every time, at most 3 at once\n"
    "  offer bonus \"match\"\n    amount <50|100>% of deposit.amount, at most 50 EUR\n    follows \"ladder\"\n    "
    "deposit at least <1-20> EUR\n"
    "    grant at most <1-4> times per player\n  end\n"
    "  step \"Give\"\n    credit \"match\", otherwise finish as \"NOT_GIVEN\"\n    remember shown as state of "
    "\"match\"\n"
    "    wait up to <5|30> days\n      when bonus_converted of \"match\"  finish as \"PLAYED\"\n      when "
    "bonus_forfeited of \"match\"  finish as \"LOST\"\n"
    "      when time is up  go on\n    end\n"
    "    choose by state of \"match\"\n      when active  finish as \"ACTIVE\"\n      when one of expired, cancelled  "
    "finish as \"OVER\"\n      otherwise  finish as \"ELSE\"\n    end\n"
    "  end\nend\n\n",

    "campaign \"Claims\"\n  product casino\n  currency EUR\n  timezone \"Europe/Malta\"\n  jurisdiction GB\n"
    "  runs from 2026-05-01 through 2026-09-30, then finish as \"OVER\"\n  liability through 2026-12-31\n"
    "  budget\n    total <100-900> EUR\n    per player <20-60> EUR per week\n    when empty <finish as \"DRY\"|go on "
    "without rewards>\n  end\n"
    "  start on session\n  enter once per week\n"
    "  offer bonus \"short\"\n    amount <3-30> EUR\n    wagering <1|5>x of bonus\n    games \"G-1\", \"G-2\"\n    "
    "claim within 3 days\n    short grant what is left\n    follows \"mine\"\n  end\n"
    "  terms \"mine\"\n    expires 5 days after grant\n  end\n"
    "  step \"Give\"\n    credit \"short\", otherwise finish as \"NO\"\n"
    "    wait up to 2 days\n      when bonus_activated of \"short\"  tag red\n      when time is up  go on\n    end\n  "
    "  finish as \"DONE\"\n  end\nend\n\n",

    /* Rates, conversions, price lists. */
    "rates \"ecb\"\n  version \"2026-05-01\"\n  source \"https://example.com\"\n  rate EUR to JPY 163.31\n  rate GBP "
    "to EUR 1.1635\nend\n\n"
    "campaign \"Any currency\"\n  product casino\n  currency EUR\n  timezone \"Europe/Malta\"\n  rounding "
    "<down|up|half up|half even>\n"
    "  budget\n    total 5,000 EUR\n  end\n"
    "  start on ping where amount in EUR by \"ecb\" is at least <0-20> EUR\n  enter every time, at most 3 at once\n"
    "  offer bonus \"half\"\n    amount <50%|33.3333%|2x> of ping.amount in EUR by \"ecb\", at most <20-600> EUR, "
    "rounded <half up|down|up>\n    wagering 10x of bonus\n  end\n"
    "  offer bonus \"paid\"\n    amount <3-20> EUR\n    wagering none\n    pays in the player's currency by \"ecb\"\n  "
    "end\n"
    "  offer cash \"listed\"\n    amount <2-9> EUR or <200-900> JPY or <1-8> GBP\n    wagering none\n  end\n"
    "  step \"Pay\"\n    credit \"half\", otherwise go on\n    credit \"<paid|listed>\", otherwise tag red\n"
    "    remember worth as ping.amount in EUR by \"ecb\", rounded up\n"
    "    wait up to 5 days\n      when pong where amount is at least <1-20> EUR or <100-900> JPY  finish as "
    "\"PRICED\"\n      when time is up  finish as \"DONE\"\n    end\n"
    "  end\nend\n\n",

    /* Cards, coupons and their order. */
    "stacking \"checkout\"\n  first at most 1 coupon\n  then at most <1-3> gift_card\nend\n\n"
    "campaign \"Cards\"\n  product casino\n  currency EUR\n  timezone \"Europe/Malta\"\n  budget\n    total 3,000 "
    "EUR\n  end\n"
    "  start on session\n  enter at most 3 times\n"
    "  offer gift_card \"card\"\n    amount <5-50> EUR\n    smallest_order 1 EUR\n    use <in parts|at once>\n    "
    "refund <to the card|nothing>\n    expires 90 days after grant\n  end\n"
    "  offer coupon \"tenth\"\n    share <10|100>%\n    value <2-20> EUR\n    smallest_order 1 EUR\n    expires 30 "
    "days after grant\n  end\n"
    "  step \"Give\"\n    credit \"<card|tenth>\", otherwise finish as \"NO\"\n    wait 1 day\n    freeze \"card\"\n   "
    " credit \"card\" as \"again\", otherwise go on\n    cancel \"tenth\"\n    credit \"tenth\" as \"last\", otherwise "
    "go on\n    finish as \"DONE\"\n  end\nend\n\n",

    /* Tournaments. */
    "tournament \"Race\"\n  product casino\n  currency EUR\n  timezone \"Europe/Malta\"\n  runs every <day from 10:00 "
    "until 22:00|day from 06:00 until 20:00>\n  settles at 23:30\n"
    "  start on opt_in of \"Race\"\n  earn <1-3> per <0.10|1> EUR of ping.amount where sort is not b1\n  earn <1-5> "
    "per session\n  score sum\n"
    "  metric race_pings is count of ping since entry\n"
    "  order by entry.score from largest, then entry.last_score from earliest, then entry.race_pings from smallest, "
    "then player.id from smallest\n"
    "  winners at least <1-20>\n  field at least 2 players, otherwise nothing\n"
    "  prizes cash\n    pool <100-900> EUR\n    leftover <to place 1|stays>\n    place 1 50%\n    place 2 to 3 20%\n  "
    "end\n"
    "  budget\n    per run 1,000 EUR\n    when empty suspend the campaign\n  end\n"
    "  board\n    show top 10\n    names <masked|in full>\n    age up to 5 seconds\n  end\nend\n\n",

    /* Points that lead up, with what is read of them. */
    "points \"miles\"\n  currency EUR\n  timezone \"Europe/Malta\"\n  rest <dropped|kept by line>\n  spend oldest "
    "first\n"
    "  earn <1-20> per 1 EUR of ping.amount\n  earn 3 per visit_made\n  expires 60 days after grant\nend\n\n"
    "event visit_made\nend\n\nattribute club ranked none, silver, gold, otherwise none\n\n"
    "levels \"Club\"\n  product casino\n  currency EUR\n  timezone \"Europe/Malta\"\n  budget\n    total 10,000 EUR\n  "
    "end\n  sets club\n"
    "  <counts \"miles\" earned over this week\n  down 1 level per week\n  keep at least 50%|counts \"miles\" earned "
    "over this month\n  down 2 levels per month\n  keep at least 50%|counts \"miles\" earned ever>\n  up at once\n"
    "  level silver from <50-400>  credit \"silver gift\"\n  level gold from <500-3000>\n    tag green\n    credit "
    "\"gold gift\"\n"
    "  offer cash \"silver gift\"\n    amount 10 EUR\n    wagering none\n  end\n  offer cash \"gold gift\"\n    amount "
    "50 EUR\n    wagering none\n  end\nend\n\n"
    "campaign \"Risen\"\n  product casino\n  currency EUR\n  timezone \"Europe/Malta\"\n  start on level_reached of "
    "\"Club\"\n  enter every time, at most 3 at once\n"
    "  step \"Only\"\n    if counted of \"Club\" is at least <100-900> and player.club is at least silver\n      "
    "finish as \"HIGH\"\n    end\n"
    "    spend <1-40> of \"miles\", otherwise finish as \"POOR\"\n    finish as \"SPENT\"\n  end\nend\n\n",

    /* Codes of every kind. */
    "codes \"fixed\"\n  fixed \"SUMMER26\"\n  read ignoring case, spaces, dashes\n  each player at most <1-3> times "
    "per week\n  in all at most <20-400> times\n"
    "  hold 10 minutes\n  lock 60 minutes after 3 wrong tries in 10 minutes\n  answer \"No.\"\nend\n\n"
    "codes \"partner\"\n  upload up to 200\n  each code at most 2 times\n  valid from 2026-05-01 through 2026-12-31\n"
    "  quota \"FANS\" <3-60> for players where fan is yes\n  quota \"REST\" <3-60> for everyone else\nend\n\n"
    "campaign \"Redeemed\"\n  product casino\n  currency EUR\n  timezone \"Europe/Malta\"\n  start on code_redeemed of "
    "\"<fixed|partner>\"\n  enter every time, at most 3 at once\n"
    "  step \"Only\"\n    if left of \"fixed\" is less than <10-90>\n      tag red\n    end\n    wait up to 1 day\n    "
    "  when session  release code of \"fixed\"\n      when time is up  go on\n    end\n    finish as \"DONE\"\n  "
    "end\nend\n\n",

    /* Badges, missions with every kind of task. */
    "badge \"Regular\"\n  note \"Often here\"\n  image \"badges/r.png\"\n  for players where pings is at least "
    "<2-9>\nend\n\n"
    "mission \"Long\"\n  product casino\n  currency EUR\n  timezone \"Europe/Malta\"\n  start on pong\n  enter every "
    "time, restarting as \"NEWER\"\n  lasts <3|20> days\n"
    "  task \"kinds\" needs <2|3> different ping.sort, each at least <1|2> times\n  task \"days\" needs 2 different "
    "days of ping\n  task \"row\" needs 2 days in a row of pong\n"
    "  task \"sum\" needs <20-90> of ping.count where flag is yes\n"
    "  progress\n    when <25|33>%  tag red\n    when 75%  send inbox \"plain\"\n    when 100%  finish as "
    "\"COMPLETED\"\n    when time is up  finish as \"LATE\"\n  end\nend\n\n"
    "campaign \"Awarded\"\n  product casino\n  currency EUR\n  timezone \"Europe/Malta\"\n  start on badge_awarded of "
    "\"Regular\"\n"
    "  step \"Only\"\n    if player has badge \"Regular\" and progress of \"Long\" is at least <0|40>%\n      finish "
    "as \"BOTH\"\n    end\n    finish as \"ONE\"\n  end\nend\n\n",

    /* What the law asks, and holidays of one's own. */
    "rules for SE from 2026-01-01 through 2026-12-31\n  note \"What legal should know\"\n  source \"The law\"\n  limit "
    "wagering at most 30x\n  limit products at most 1 per offer\n"
    "  limit rewards at most <1-4> per player\n  limit rewards to players where has_played is no\n  limit expiry at "
    "most 30 days\n  require terms\n  forbid rewards by churn_risk, chat_message\nend\n\n",
    "rules for DE from 2026-01-01\n  source \"The law\"\n  require opt_in by product, channel\nend\n\n",
    "holidays FR\n  note \"Those of the whole country\"\n  day 2026-06-02 \"A day\"\n  day 2026-06-10 \"Another\"\n  "
    "through 2026-12-31\nend\n\n"
    "campaign \"Working\"\n  product casino\n  currency EUR\n  timezone \"Europe/Paris\"\n  business days of FR\n  "
    "start every <business day at 09:00|month on business day 3 at 09:00|month on last business day at 09:00|year on "
    "player.born at 09:00, missed up to 6 hours>\n"
    "  only for players where score is at least <0-50>\n  order by player.risk from <largest|smallest>, then "
    "player.joined from <earliest|latest>\n  enter every time, at most 3 at once\n"
    "  step \"Only\"\n    wait <1-6> business days\n    wait until business day 09:00\n    finish as \"DONE\"\n  "
    "end\nend\n\n",

    /* Groups, shares that are held out, consents of one's own. */
    "policy \"Houses\"\n  owner \"Player safety\"\n  group \"welcome\" one campaign at a time\n  hold out <5|30>% by "
    "\"held\"\n  messages by sms at most 1 per 7 days, otherwise drop\n"
    "  messages service at most 2 per day and 20 per month in the player's zone, otherwise <drop|delay>\n  send push "
    "about sports only to players where fan is yes\n  send inbox about sports to everyone\nend\n\n"
    "campaign \"One of two\"\n  product casino\n  currency EUR\n  timezone \"Europe/Malta\"\n  group \"welcome\"\n  "
    "priority 5\n  start on session\n  enter every time\n  running journeys move to this version\n"
    "  step \"Only\"\n    send push \"service\", otherwise tag red\n    wait <1|4> days\n    finish as \"DONE\"\n  "
    "end\nend\n\n"
    "campaign \"Two of two\"\n  product sports\n  currency EUR\n  timezone \"Europe/Malta\"\n  group \"welcome\"\n  "
    "priority 6\n  start on ping\n  enter every time\n"
    "  step \"Only\"\n    send push \"player\", otherwise send inbox \"player\", otherwise send sms \"service\"\n    "
    "wait 6 hours\n    finish as \"DONE\"\n  end\nend\n\n",

    /* Messages with all that they may have. */
    "message \"rich\"\n  class service\n  about casino\n  subject \"en\" \"For {player.id}\"\n  email \"en\" "
    "\"{ping.count: one ping | # pings}, {link play} and {{braces}\"\n  sms \"en\" \"Play: {link play}\"\n"
    "  link \"play\" \"https://example.com/play?p={player.id}\"\n  utm source \"promo\", medium \"email\", campaign "
    "\"x\"\nend\n\n"
    "campaign \"Rich\"\n  product casino\n  currency EUR\n  timezone \"Europe/Malta\"\n  start on ping\n  enter every "
    "time, at most 3 at once\n"
    "  step \"Only\"\n    send <email|sms> \"rich\"\n    wait <1|5> hours\n    send <email|sms> \"rich\" as \"again\", "
    "otherwise finish as \"NO\"\n    finish as \"DONE\"\n  end\nend\n\n",

    /* Values that no other block has. */
    "metric land_last is last of ping.land ever\n\n"
    "campaign \"Values\"\n  product casino\n  currency EUR\n  timezone \"America/New_York\"\n  rounding <half "
    "even|up>\n  start on ping\n  enter every time, at most 3 at once\n  messages marketing at most 1 per day, "
    "otherwise drop\n"
    "  step \"Only\"\n    remember a as (ping.count - <1-9>) * (player.score + 2)\n    remember b as ping.ratio * "
    "player.factor\n    remember c as ping.amount / ping.amount, otherwise 1\n"
    "    remember d as ping.count / player.score, rounded <up|half even>, otherwise 2.5\n    remember e as ping.part * "
    "player.portion\n    remember f as <2-5>x of journey.a\n"
    "    remember g as player.alias, otherwise player.nick\n    remember h as player.opt_tier, otherwise player.tier\n "
    "   remember i as player.level\n    remember j as player.word_last, otherwise \"none\"\n"
    "    remember k as player.born, otherwise 2000-01-01\n    remember l as player.ping_last, otherwise ping.due_at\n"
    "    if journey.a is more than journey.f or journey.d is less than <1|2.5>\n      tag red\n    end\n"
    "    choose by journey.h\n      when low  tag green\n      when at least mid  untag green\n    end\n"
    "    choose by player.level\n      when none  go on\n      when one of silver, gold  tag blue\n    end\n"
    "    if journey.k is <not |>within last <30 years|10 years> and journey.l is <not |>within last <1 month|48 "
    "hours>\n      tag blue\n    end\n"
    "    if journey.g contains \"<w|g>\" or journey.j is \"w1\"\n      finish as \"TEXT\"\n    end\n    wait <3 "
    "hours|1 day>\n"
    "    if journey.h is one of low, high and player.sort_favourite is known and player.sort_favourite is one of a1, "
    "b1\n      finish as \"BITS\"\n    end\n"
    "    if player.ping_last is known and player.ping_last is <not |>within last <90 minutes|20 days>\n      finish as "
    "\"RECENT\"\n    end\n"
    "    if player.land_last is known and player.land_last is <not |>one of DE, MT, SE\n      finish as \"LAND\"\n    "
    "end\n    finish as \"DONE\"\n  end\nend\n\n",
};

static void expand(struct generator *generator, const char *text)
{
    while (*text != '\0') {
        if (*text != '<') {
            buffer_append(generator->out, text++, 1);
            continue;
        }
        const char *end = strchr(text, '>');
        if (end == NULL) return;
        char inside[300];
        size_t size = (size_t)(end - text - 1);
        memcpy(inside, text + 1, size);
        inside[size] = '\0';
        text = end + 1;
        char *dash = strchr(inside, '-');
        bool number = dash != NULL && strchr(inside, '|') == NULL && inside[0] >= '0' && inside[0] <= '9';
        if (number) {
            uint32_t low = (uint32_t)strtoul(inside, NULL, 10), high = (uint32_t)strtoul(dash + 1, NULL, 10);
            buffer_print(generator->out, "%u", low + generate_random(generator, high - low + 1));
            continue;
        }
        uint32_t choices = 1;
        for (const char *at = inside; *at != '\0'; at++) choices += *at == '|';
        uint32_t taken = generate_random(generator, choices);
        const char *at = inside;
        for (; taken > 0; taken--) at = strchr(at, '|') + 1;
        const char *stop = strchr(at, '|');
        buffer_append(generator->out, at, stop != NULL ? (size_t)(stop - at) : strlen(at));
    }
}

void generate_blocks(struct generator *generator)
{
    enum { BLOCKS = sizeof blocks / sizeof *blocks };
    const char *only = getenv("DIFFER_BLOCK");
    for (uint32_t i = 0; i < BLOCKS; i++) {
        bool comes = generate_chance(generator, 14);
        if (only != NULL) comes = (uint32_t)strtoul(only, NULL, 10) == i;
        if (comes) expand(generator, blocks[i]);
    }
}
