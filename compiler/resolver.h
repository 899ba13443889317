/*
 * resolver: one in-language test while it is resolved against the program: its players, its steps, the slots that its lines set.
 *
 *   resolver.c         steps, literals, slots, players, points in time
 *   resolver_given.c   `given …`
 *   resolver_expect.c  `expect …`
 *
 * check_tests.c goes through the lines and makes steps of `at …`. Mistakes are reported by who finds them; false, NULL or nothing added
 * says that. All memory is the arena of `names`.
 */
#ifndef PROMO_COMPILER_RESOLVER_H
#define PROMO_COMPILER_RESOLVER_H

#include "compiler/campaign.h"
#include "compiler/compiled_test.h"

enum { RESOLVER_STEPS_MAX = 200000, RESOLVER_PLAYERS_MAX = 100000, RESOLVER_SLOTS_MAX = 512 };

struct resolver {
    struct names *names;
    const struct program *program;
    struct emitter emitter; /* for value_constant */
    struct compiled_test *test;
    struct test_player *players;
    uint32_t player_count, player_capacity;
    bool *named; /* by player: spoken of by `for "A"` */
    struct test_step *steps;
    uint32_t step_count, step_capacity;
    uint32_t *campaigns;
    uint32_t campaign_count;
    int64_t first_at, last_at;
    bool has_at;
    uint32_t currency; /* of the first campaign */
};

struct resolver_slots {
    struct test_slot slots[RESOLVER_SLOTS_MAX];
    uint32_t count;
};

/* A new last step of the test, with its line and words; NULL when memory is out. */
struct test_step *resolver_add_step(struct resolver *resolver, enum test_step_kind kind, struct span span);
/* A literal of a type; money may be of any currency in use. A SET's word becomes a mask. False: reported. */
bool resolver_literal(struct resolver *resolver, const struct value *value, struct type type, struct text subject,
                      struct test_value *out);
/* The player of that name; false: reported. */
bool resolver_player(struct resolver *resolver, const struct name *name, uint32_t *out);
/* The instant, ms since 1970 UTC, of a date and time or of a time after the first `at`; false: reported, or no point. */
bool resolver_point(struct resolver *resolver, const struct point *point, int64_t *out);
/* A metric that is in the bundle, and not an attribute's name; NULL otherwise. */
const struct metric_info *resolver_metric(const struct names *names, struct text name, uint32_t campaign);

/* Sets a slot of the list, or replaces what an earlier line said of it. */
void resolver_set_slot(struct resolver_slots *list, struct test_slot slot);
/* A copy of the list that the test keeps. */
const struct test_slot *resolver_keep_slots(struct resolver *resolver, const struct resolver_slots *list);
/* `NAME is VALUE and NAME is VALUE`, over attributes (event NULL) or fields. */
void resolver_set_by_condition(struct resolver *resolver, struct resolver_slots *list, const struct event_info *event,
                               const struct condition *condition);
/* Sets every field of an event to what it is when a test leaves it out; `at`, in ms since 1970 UTC, for moments. Called first. */
void resolver_omit_fields(struct resolver *resolver, struct resolver_slots *list, const struct event_info *event,
                          int64_t at);

/* `given player "A"` and `given 100 players`: players of the test. */
void resolver_given_players(struct resolver *resolver, const struct line *line);
/* `given NAME is VALUE`, `given arm of …`, `given left of …`: a step before all others. */
void resolver_given_property(struct resolver *resolver, const struct line *line);
void resolver_given_code(struct resolver *resolver, const struct line *line);
/* The slot that `player.ATTRIBUTE is VALUE` sets; NULL: reported. */
struct resolver_slots *resolver_attribute_slot(struct resolver *resolver, const struct value *property,
                                               const struct value *value, struct span span);
/* The BUDGET that `left of …` speaks of; false: reported. */
bool resolver_left_of(struct resolver *resolver, const struct value *property, uint32_t *budget);
/* The arm of a split by name in one campaign; false: it has no such arm. */
bool resolver_arm(const struct program *program, const struct bundle_campaign *campaign, struct text split,
                  struct text arm, uint32_t *split_out, uint32_t *arm_out, bool *split_found);
/* Reports an arm that the split lacks, with those that it has; without `arm` a split that no campaign of the test has. */
void resolver_unknown_arm(struct resolver *resolver, const struct name *split, const struct name *arm);

/* `expect …`: a step that judges. */
void resolver_expect(struct resolver *resolver, struct line *line);

#endif
