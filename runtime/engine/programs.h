/* Programs in use, and what the engine works out of each when it is activated.
 *
 * The newest program is active: players' attributes are laid out by it, and its policies, budgets and limits count. An older
 * one stays while a journey or a delayed message is pinned to it; its code reads attributes and events through maps by name.
 * Read next: gates.c, which uses the plans, and entry.c.
 */
#ifndef PROMO_RUNTIME_ENGINE_PROGRAMS_H
#define PROMO_RUNTIME_ENGINE_PROGRAMS_H

#include "runtime/engine/plan.h"
#include "runtime/engine/state.h"
#include "runtime/engine/value_map.h"

/* A segment that campaigns start on entering or leaving (segments.h). */
struct watch {
    uint32_t segment;                        /* SEGMENT index. */
    int64_t identity[2];                     /* Of its name and meaning: membership is kept under it. */
    uint32_t campaign_first, campaign_count; /* In use->watch_campaign. */
};
struct meter_feed;
struct metric_rule;

struct use {
    struct use *next;
    uint32_t number; /* By activation, from 1. */
    uint64_t pins;   /* Journeys and delayed messages. */
    uint8_t *bundle; /* Owned, 8-byte aligned. */
    uint64_t bundle_size;
    bool stored;  /* In the checkpoint store. */
    bool metered; /* Metrics are kept by its code, since the last activation. */
    struct program program;
    uint32_t words; /* 64-bit words of a player's bit sets. */
    uint32_t home_zone;
    int64_t longest_grace;      /* Of its campaigns, milliseconds: so much later than due a deadline may be folded. */
    uint32_t zone_slot;         /* Player slot of the zone attribute, or PROGRAM_NONE. */
    uint32_t test_slot;         /* Player slot of the attribute `test_player`, or PROGRAM_NONE. */
    int64_t *preset;            /* By player slot: defaults … */
    uint64_t preset_known[8];   /* … and which there are. */
    uint8_t *protects;          /* By attribute: set by a responsible gaming event. */
    uint32_t *attribute_of;     /* By player slot: ATTRIBUTE index, or PROGRAM_NONE. */
    struct campaign_plan *plan; /* By campaign. */
    uint32_t *start_first;      /* By event, event_count + 1 entries into start_campaign. */
    uint32_t *start_campaign;   /* In the order of ranks. */
    uint8_t *converts;          /* By event: some campaign's goal. */
    uint32_t *rules;            /* RULE indexes of the gate plans. */
    uint32_t rules_count, rules_capacity;
    uint32_t *finish_rule; /* FINISH rules in source order. */
    uint32_t finish_count;
    uint32_t *enter_rule; /* NEVER_ENTER rules. */
    uint32_t enter_count;
    uint32_t *profile_rule; /* Lines of `rules for`, of all jurisdictions. */
    uint32_t profile_count;
    uint32_t *hold_out_rule;
    uint32_t hold_out_count;
    uint32_t *group_of;         /* By campaign, campaign_count + 1 entries into group_rule: */
    uint32_t *group_rule;       /* … the GROUP rules whose members they are. */
    uint32_t *rule_zone;        /* By rule: the zone named on its line, or PROGRAM_NONE. */
    uint32_t jurisdiction_slot; /* Player slot of the attribute `jurisdiction`, or PROGRAM_NONE. */
    uint8_t *rule_protects;     /* By rule: reads an attribute that a responsible gaming event sets. */
    int64_t longest_pressure;   /* Milliseconds that any pressure rule looks back; 0: none. */
    uint32_t *text_first;       /* By event, event_count + 2 entries into text_slot; the last list is the player's. */
    uint32_t *text_slot;        /* Slots that hold texts. */
    struct watch *watch;        /* In the order of their names. */
    uint32_t watch_count;
    uint32_t *watch_campaign;    /* CAMPAIGN indexes that they start. */
    uint32_t *touch_event_first; /* By event, event_count + 1 entries into touch_event: numbers of watched segments … */
    uint32_t *touch_event;
    uint32_t *touch_slot_first; /* … and by player slot. */
    uint32_t *touch_slot;
    uint32_t credited, credit_failed; /* EVENT indexes of the wallet's answers, or PROGRAM_NONE. */
    struct metric_rule *metric;       /* By METRIC. */
    struct instance_rule *instance;   /* By TOURNAMENT. */
    uint32_t *tournament_of;          /* By campaign: its TOURNAMENT, or PROGRAM_NONE. */
    uint32_t *meter_of;               /* By METRIC: under which number players keep it (metrics.h), or PROGRAM_NONE. */
    uint32_t
        *entry_first; /* By campaign, campaign_count + 1 entries into entry_metric: METRIC indexes of `since entry`. */
    uint32_t *entry_metric;
    uint32_t *mission_of; /* By campaign: MISSION index, or PROGRAM_NONE. */
    uint32_t *feed_first; /* The newest: by event, event_count + 1 entries into `feed`. */
    struct meter_feed *feed;
    /* Only where this is not the newest: */
    struct value_map *player_map; /* By player slot. */
    uint32_t *event_of;           /* By EVENT of the newest: this program's, or PROGRAM_NONE. */
    struct value_map **event_map; /* By EVENT of this program: by slot. */
    struct arena memory;          /* Of the arrays that the program alone decides … */
    struct arena linked;          /* … and of those that depend on the newest. */
};

/* Opens, verifies and activates the bundle of a record: players are laid out anew, journeys whose campaign means the same move over,
 * titles are ranked, new metrics are filled in. STATUS_REFUSED with the reason and nothing changed; STATUS_NO_MEMORY. */
MUST_CHECK enum status programs_activate(struct engine *engine, const struct record *record, struct error *error);
/* Opens and verifies a copy of a bundle without using it (programs_open.c). On OK the caller owns *out, otherwise there is none.
 * STATUS_REFUSED, STATUS_CORRUPT and what else bundle_open and verify_program say; STATUS_NO_MEMORY. */
MUST_CHECK enum status programs_open(struct use **out, const uint8_t *bundle, uint64_t size, struct error *error);
/* Frees it; nothing may be pinned to it any more. */
void programs_close(struct use *use);
/* Sets the message of an activation for which memory is out; returns STATUS_NO_MEMORY. */
enum status programs_no_memory(struct error *error);
/* Moves all players from `old`, until now the newest, to engine->newest, which is linked (programs_move.c): attributes, lists, and the
 * journeys and delayed messages whose campaign means the same. False when memory is out: half of them have moved then. */
MUST_CHECK bool programs_move_players(struct engine *engine, const struct use *old);

/* For restoring: adds a program without touching players; the last one added is the newest. Then programs_link. */
MUST_CHECK enum status programs_add(struct engine *engine, const uint8_t *bundle, uint64_t size, uint32_t number,
                                    struct error *error);
/* Works out what depends on the newest program and on which others are in use: plans, maps, work space. STATUS_NO_MEMORY. */
MUST_CHECK enum status programs_link(struct engine *engine, struct error *error);

/* Whether the program is the newest or something is pinned to it. Only such programs are state: when the others go shows nowhere. */
static inline bool programs_needed(const struct engine *engine, const struct use *use)
{
    return use == engine->newest || use->pins > 0 || use->metered;
}

/* Drops older programs that nothing is pinned to. */
void programs_sweep(struct engine *engine);
/* Closes all programs, pinned or not: the engine itself ends. */
void programs_release(struct engine *engine);

/* The program in use with this number, or NULL. */
struct use *programs_find(const struct engine *engine, uint32_t number);

/* Turns a split and arm of `program` into those of the same names in the newest program's campaign of the title; false: it has none. */
bool programs_newest_arm(const struct engine *engine, const struct title *title, const struct program *program,
                         struct passed *passed) MUST_CHECK;

/* The reads of a player as `use` numbers them: the player's own slots for the newest, otherwise copied into the work space. */
struct bank_read programs_player_bank(struct engine *engine, const struct use *use, const struct player *player);
/* The same for an event of the newest program; `event` receives its index in `use`, or PROGRAM_NONE where it has none. */
struct bank_read programs_event_bank(struct engine *engine, const struct use *use, uint32_t newest_event,
                                     const struct kept_event *event, uint32_t *event_out);

/* An event of `from`'s numbering as the newest program has it; what is new lies in the instant's memory. False where the newest does
 * not have it, or lacks what that one must have. */
bool programs_event_onto(struct engine *engine, const struct use *from, struct kept_event *event);

/* The player's zone, or the campaign's. */
uint32_t programs_player_zone(const struct engine *engine, const struct player *player, uint32_t campaign_zone);

#endif
