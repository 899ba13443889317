/*
 * The search for "what would have to differ": iterative deepening over the conditions that were judged no (and, under
 * `none of` and `is not`, over those judged yes), with the filter itself as the judge.
 *
 * A filter has a handful of conditions, so four levels are a few thousand runs of some fifty nanoseconds.
 */
#include "runtime/lab/why_not.h"

#include "runtime/lab/value_text.h"
#include "vm/civil.h"
#include "vm/convert.h"
#include "vm/layout.h"
#include "vm/memory.h"
#include "vm/zone.h"

enum {
    SLOTS_MAX = 512,
    KNOWN_WORDS = SLOTS_MAX / 64,
    CANDIDATES_MAX = 32,
    LOADS_BACK = 8, /* so many instructions before a comparison its operands are looked for */
    RUNS_MAX = 200000,
};

/* Working copies of the banks, so that a change is one store. */
struct trial {
    struct activation activation;
    int64_t slot[BANK_COUNT][SLOTS_MAX];
    uint64_t known[BANK_COUNT][KNOWN_WORDS];
    uint32_t count[BANK_COUNT];
    const struct activation *from; /* what is not changed is read there */
    bool changed[SLOTS_MAX];       /* metrics that are what `slot` and `known` say */
    uint32_t pc;
    uint32_t runs;
    bool wanted;     /* what the filter should say */
    bool may_forget; /* a value may become unknown: only where nothing else does, since nobody can un-know a date */
    const struct bundle_region *region;
};

static const struct bundle_region *region_of(const struct activation *activation)
{
    const struct program *program = activation->program;
    const uint32_t region = activation->campaign == PROGRAM_NONE ? 0 : program->campaign[activation->campaign].region;
    return &program->region[region];
}

static bool is_read_bank(uint32_t bank)
{
    return (bank >= BANK_EVENT && bank <= BANK_JOURNEY) || bank == BANK_METRIC;
}

/* A metric as the activation has it; its `otherwise` where it has no value. False: no value. */
static bool read_metric(const struct activation *activation, uint32_t number, struct metric_read *out)
{
    const struct bundle_metric *metric = &activation->program->metric[number];
    *out = (struct metric_read){.text = TEXT(""), .changes_at = INT64_MAX};
    if (activation->read_metric != NULL) {
        activation->read_metric(activation->metric_context, number, out);
    }
    if (!out->known && metric->optional == 0) {
        out->known = true;
        out->value = metric->preset;
        out->text = program_text(activation->program, metric->preset_text);
    }
    return out->known;
}

/* The metrics of a trial: those that are tried out, and the others as they are. */
static void try_metric(void *context, uint32_t number, struct metric_read *out)
{
    const struct trial *trial = context;
    (void)read_metric(trial->from, number, out);
    if (number >= trial->count[BANK_METRIC] || !trial->changed[number]) {
        return;
    }
    out->known = (trial->known[BANK_METRIC][number / 64] >> (number % 64) & 1u) != 0;
    out->value = trial->slot[BANK_METRIC][number];
    if (trial->activation.program->metric[number].kind == TYPE_TEXT && out->known) {
        out->text = interp_text(&trial->activation, out->value);
    }
}

/* The metrics that conditions here ask for. */
static void prepare_metrics(struct trial *trial, const struct activation *from)
{
    const struct program *program = from->program;
    trial->count[BANK_METRIC] = program->metric_count < SLOTS_MAX ? program->metric_count : SLOTS_MAX;
    trial->from = from;
    memset(trial->known[BANK_METRIC], 0, sizeof trial->known[BANK_METRIC]);
    memset(trial->changed, 0, sizeof trial->changed);
    trial->activation.read_metric = try_metric;
    trial->activation.metric_context = trial;
    for (uint32_t i = 1; i < trial->region->site_count && trial->region->site_first + i < program->site_count; i++) {
        const struct bundle_site *site = &program->site[trial->region->site_first + i];
        struct metric_read read;
        if (site->bank != BANK_METRIC || site->slot >= trial->count[BANK_METRIC] ||
            !read_metric(from, site->slot, &read)) {
            continue;
        }
        trial->slot[BANK_METRIC][site->slot] = read.value;
        trial->known[BANK_METRIC][site->slot / 64] |= UINT64_C(1) << (site->slot % 64);
    }
}

static bool prepare(struct trial *trial, const struct activation *from, uint32_t pc)
{
    const struct program *program = from->program;
    trial->activation = *from;
    trial->pc = pc;
    trial->runs = 0;
    trial->region = region_of(from);
    trial->count[BANK_EVENT] = from->event.slot != NULL ? program->workspace->event_slot_count : 0;
    trial->count[BANK_PLAYER] = from->player.slot != NULL ? program->workspace->player_slot_count : 0;
    trial->count[BANK_JOURNEY] = 0;
    if (from->journey_slot != NULL && from->campaign != PROGRAM_NONE) {
        trial->count[BANK_JOURNEY] = program->campaign[from->campaign].variable_count;
    }
    for (unsigned bank = BANK_EVENT; bank <= BANK_JOURNEY; bank++) {
        if (trial->count[bank] > SLOTS_MAX) {
            return false;
        }
        memset(trial->known[bank], 0, sizeof trial->known[bank]);
    }
    const struct bank_read *banks[2] = {&from->event, &from->player};
    for (unsigned i = 0; i < 2; i++) {
        const unsigned bank = i == 0 ? BANK_EVENT : BANK_PLAYER;
        if (trial->count[bank] == 0) {
            continue;
        }
        memcpy(trial->slot[bank], banks[i]->slot, trial->count[bank] * sizeof(int64_t));
        memcpy(trial->known[bank], banks[i]->known, (trial->count[bank] + 63) / 64 * sizeof(uint64_t));
    }
    if (trial->count[BANK_JOURNEY] > 0) {
        memcpy(trial->slot[BANK_JOURNEY], from->journey_slot, trial->count[BANK_JOURNEY] * sizeof(int64_t));
    }
    if (trial->count[BANK_EVENT] > 0) {
        trial->activation.event.slot = trial->slot[BANK_EVENT];
        trial->activation.event.known = trial->known[BANK_EVENT];
    }
    trial->activation.player.slot = trial->slot[BANK_PLAYER];
    trial->activation.player.known = trial->known[BANK_PLAYER];
    trial->activation.journey_slot = trial->count[BANK_JOURNEY] > 0 ? trial->slot[BANK_JOURNEY] : NULL;
    prepare_metrics(trial, from);
    return true;
}

static bool run(struct trial *trial)
{
    trial->runs++;
    interp_clear_trace(&trial->activation);
    return interp_filter(&trial->activation, trial->pc);
}

static bool is_known(const struct trial *trial, const struct bundle_site *site)
{
    if (site->bank == BANK_JOURNEY) {
        return (trial->activation.journey_known >> (site->slot & 63u) & 1u) != 0;
    }
    return (trial->known[site->bank][site->slot / 64] >> (site->slot % 64) & 1u) != 0;
}

static void set_read(struct trial *trial, const struct bundle_site *site, int64_t value, bool known)
{
    trial->slot[site->bank][site->slot] = value;
    if (site->bank == BANK_METRIC) {
        trial->changed[site->slot] = true;
    }
    const uint64_t bit = UINT64_C(1) << (site->slot % 64);
    uint64_t *word =
        site->bank == BANK_JOURNEY ? &trial->activation.journey_known : &trial->known[site->bank][site->slot / 64];
    *word = known ? *word | bit : *word & ~bit;
}

static int64_t first_of_bits(const struct program *program, int64_t first_word, bool set)
{
    for (uint32_t bit = 0; bit < 704; bit++) {
        const uint64_t word = (uint64_t)first_word + bit / 64;
        if (word >= program->word_count) {
            break;
        }
        if ((program->word[word] >> (bit % 64) & 1u) == (set ? 1u : 0u)) {
            return (int64_t)bit;
        }
    }
    return 0;
}

static int64_t lowest_bit(uint64_t mask)
{
    for (unsigned bit = 0; bit < 64; bit++) {
        if ((mask >> bit & 1u) != 0) {
            return (int64_t)bit;
        }
    }
    return 0;
}

static int64_t text_handle(const struct program *program, int64_t index)
{
    const struct bundle_string *string = &program->string[index];
    return handle_make(BANK_CONSTANT, string->size, string->offset);
}

/* What else the comparison at `pc` reads: a value equal to it, or next to it, is worth a try. */
static unsigned other_operands(const struct trial *trial, uint32_t pc, const struct bundle_site *site,
                               int64_t out[CANDIDATES_MAX], unsigned count)
{
    const struct program *program = trial->activation.program;
    for (uint32_t back = 1; back <= LOADS_BACK && pc >= trial->region->code_first + back && count + 3 <= CANDIDATES_MAX;
         back++) {
        const struct instruction *load = &program->instruction[pc - back];
        unsigned bank;
        switch ((enum opcode)load->op) {
        case OP_LOAD_EVENT:
        case OP_LOAD_EVENT_OR: bank = BANK_EVENT; break;
        case OP_LOAD_PLAYER:
        case OP_LOAD_PLAYER_OR: bank = BANK_PLAYER; break;
        case OP_LOAD_JOURNEY:
        case OP_LOAD_JOURNEY_OR: bank = BANK_JOURNEY; break;
        default: continue;
        }
        if (load->b >= trial->count[bank] || (bank == site->bank && load->b == site->slot)) {
            continue;
        }
        const int64_t value = trial->slot[bank][load->b];
        out[count++] = value;
        out[count++] = value + 1;
        out[count++] = value - 1;
    }
    return count;
}

/* A currency that a conversion has a rate for: the one that it leads to; or the first that it has none for. */
static int64_t currency_with_rate(const struct program *program, int64_t operand, bool wanted)
{
    const struct bundle_conversion *conversion = &program->conversion[convert_index(operand)];
    for (uint32_t i = 0; i < conversion->factor_count && !wanted; i++) {
        if (program->factor[conversion->factor_first + i].den == 0) {
            return i;
        }
    }
    return conversion->currency;
}

/* Amounts, in the currency that came in, about which what is made of them crosses the number of the comparison at `pc`. */
static unsigned before_conversion(const struct trial *trial, uint32_t pc, const struct bundle_site *site,
                                  int64_t out[CANDIDATES_MAX], unsigned count)
{
    const struct program *program = trial->activation.program;
    const struct instruction *at = &program->instruction[pc], *convert = at - 1;
    if (site->kind != TYPE_MONEY || site->bank != BANK_EVENT || pc == trial->region->code_first ||
        convert->op != OP_CONVERT || convert->a != at->a) {
        return count;
    }
    const struct bundle_conversion *conversion = &program->conversion[convert_index(convert->imm)];
    const struct bundle_factor *factor =
        &program->factor[conversion->factor_first + (uint32_t)trial->slot[BANK_EVENT][site->slot + 1]];
    if (factor->den != 0) {
        const int64_t near = (int64_t)round_div128((int128)at->imm * factor->den, factor->num, ROUNDING_UP);
        out[count++] = near;
        out[count++] = near - 1;
        out[count++] = near + 1;
    }
    return count;
}

/* Moments or dates within a window that is counted back from now, or just outside of it. */
static unsigned around_window(const struct trial *trial, const struct instruction *at, bool wanted,
                              int64_t out[CANDIDATES_MAX], unsigned count)
{
    const int64_t now = trial->activation.now;
    const unsigned zone = trial->activation.campaign_zone;
    const bool exact = at->op == OP_IF_WITHIN_CONST || at->op == OP_IF_BEYOND_CONST;
    const bool dates = at->op == OP_IF_WITHIN_DATES || at->op == OP_IF_BEYOND_DATES;
    const bool within = at->op == OP_IF_WITHIN_CONST || at->op == OP_IF_WITHIN_CALENDAR || at->op == OP_IF_WITHIN_DATES;
    const int64_t since = exact ? now - at->imm
                                : zone_add_calendar(zone, now, -(int32_t)calendar_months(at->imm),
                                                    -(int32_t)calendar_days(at->imm), -(int64_t)calendar_ms(at->imm));
    const int64_t answer = within == wanted ? now : since;
    out[count++] = dates ? zone_date(zone, answer) : answer;
    return count;
}

/* Values of the read that could turn this condition to `wanted`; `old` is what it is now. */
static unsigned candidates(const struct trial *trial, uint32_t site, bool wanted, int64_t old,
                           int64_t out[CANDIDATES_MAX])
{
    const struct program *program = trial->activation.program;
    const struct bundle_region *region = trial->region;
    unsigned count = 0;
    for (uint32_t i = 0; i < region->code_count && count + 8 < CANDIDATES_MAX; i++) {
        const struct instruction *at = &program->instruction[region->code_first + i];
        if (at->op < OP_IF_EQ_EVENT || layout_opcode(at->op)->b != OPERAND_SITE || at->b != site) {
            continue;
        }
        const int64_t imm = at->imm;
        if (at->op <= OP_IF_GE_CONST) {
            const unsigned shape = ((unsigned)at->op - OP_IF_EQ_EVENT) % 10;
            switch (shape) {
            case 0:
                out[count++] = wanted ? imm : imm + 1;
                if (!wanted) out[count++] = imm - 1;
                break;
            case 1:
                out[count++] = wanted ? imm + 1 : imm;
                if (wanted) out[count++] = imm - 1;
                break;
            case 2: out[count++] = wanted ? imm - 1 : imm; break;
            case 3: out[count++] = wanted ? imm : imm + 1; break;
            case 4: out[count++] = wanted ? imm + 1 : imm; break;
            case 5: out[count++] = wanted ? imm : imm - 1; break;
            case 6: out[count++] = lowest_bit(wanted ? (uint64_t)imm : ~(uint64_t)imm); break;
            case 7: out[count++] = first_of_bits(program, imm, wanted); break;
            case 8:
                out[count++] =
                    wanted ? (int64_t)((uint64_t)old | UINT64_C(1) << lowest_bit((uint64_t)imm)) : old & ~imm;
                break;
            default: out[count++] = 0; break;
            }
        } else if (at->op == OP_IF_KNOWN_METRIC) {
            out[count++] = 0;
        } else if (at->op == OP_IF_IN_CONST) {
            out[count++] = lowest_bit(wanted ? (uint64_t)imm : ~(uint64_t)imm);
        } else if (at->op == OP_IF_BITS_CONST) {
            out[count++] = first_of_bits(program, imm, wanted);
        } else if (at->op >= OP_IF_WITHIN_CONST && at->op <= OP_IF_BEYOND_DATES) {
            count = around_window(trial, at, wanted, out, count);
        } else if (at->op == OP_IF_RATE) {
            out[count++] = currency_with_rate(program, imm, wanted);
        } else if (at->op >= OP_IF_WITHIN_EVENT && at->op <= OP_IF_BEYOND_JOURNEY) {
            const bool inside = (at->op <= OP_IF_WITHIN_JOURNEY) == wanted;
            out[count++] = inside ? trial->activation.now : trial->activation.now - imm;
        } else if (at->op == OP_IF_TEXT_EQ || at->op == OP_IF_TEXT_HAS || at->op == OP_IF_TEXT_WORDS) {
            out[count++] = wanted ? text_handle(program, imm) : handle_make(BANK_CONSTANT, 0, 0);
        } else {
            /* Worked-out values: a moment against now, a sum against a sum. The filter judges each guess. */
            const struct bundle_site *about = &program->site[region->site_first + site];
            count = other_operands(trial, region->code_first + i, about, out, count);
            if (count + 4 < CANDIDATES_MAX) {
                out[count++] =
                    about->kind == TYPE_DATE ? civil_date_of_instant(trial->activation.now) : trial->activation.now;
                out[count++] = 0;
            }
        }
        count = before_conversion(trial, region->code_first + i, &program->site[region->site_first + site], out, count);
        if (at->op >= OP_IF_EQ_CONST && at->op <= OP_IF_GE_CONST && count < CANDIDATES_MAX &&
            program->site[region->site_first + site].kind != TYPE_MONEY) {
            out[count++] = program->site[region->site_first + site].kind == TYPE_DATE
                               ? civil_date_of_instant(trial->activation.now)
                               : trial->activation.now;
        }
    }
    return count;
}

static bool fits_declared(const struct program *program, const struct trial *trial, const struct bundle_site *site,
                          int64_t value)
{
    (void)trial;
    if (site->kind == TYPE_TEXT) {
        return true;
    }
    if (site->kind == TYPE_CURRENCY) {
        return value >= 0 && value < (int64_t)program->currency_count;
    }
    if (site->bank == BANK_METRIC) {
        return value >= program->metric[site->slot].low && value <= program->metric[site->slot].high;
    }
    if (site->bank == BANK_PLAYER) {
        for (uint32_t i = 0; i < program->attribute_count; i++) {
            if (program->attribute[i].slot == site->slot) {
                return value >= program->attribute[i].low && value <= program->attribute[i].high;
            }
        }
    }
    return true;
}

static bool can_be_unknown(const struct program *program, const struct bundle_site *site)
{
    if (site->bank == BANK_METRIC) {
        return program->metric[site->slot].optional != 0;
    }
    if (site->bank == BANK_PLAYER) {
        for (uint32_t i = 0; i < program->attribute_count; i++) {
            if (program->attribute[i].slot == site->slot) {
                return program->attribute[i].optional != 0;
            }
        }
        return false;
    }
    if (site->bank == BANK_EVENT) {
        for (uint32_t i = 0; i < program->field_count; i++) {
            if (program->field[i].slot == site->slot && program->field[i].optional != 0) {
                return true;
            }
        }
        return false;
    }
    return true;
}

static bool has_order(const struct bundle_site *site)
{
    return site->kind != TYPE_TEXT && site->kind != TYPE_SET && site->kind != TYPE_COUNTRY && site->kind != TYPE_ZONE &&
           site->kind != TYPE_CURRENCY;
}

/* The nearest first: the smallest change is the best answer. Equally near ones stay in their order. */
static void sort_by_distance(int64_t *values, unsigned count, int64_t from)
{
    for (unsigned i = 1; i < count; i++) {
        const int64_t value = values[i];
        const uint64_t distance = value > from ? (uint64_t)value - (uint64_t)from : (uint64_t)from - (uint64_t)value;
        unsigned place = i;
        for (; place > 0; place--) {
            const int64_t other = values[place - 1];
            if ((other > from ? (uint64_t)other - (uint64_t)from : (uint64_t)from - (uint64_t)other) <= distance) {
                break;
            }
            values[place] = other;
        }
        values[place] = value;
    }
}

/* Depth-first to `depth` more changes; on success the changes made are in `changes`. */
static bool search(struct trial *trial, struct why_not_change *changes, unsigned used, unsigned depth)
{
    if (run(trial) == trial->wanted) {
        return true;
    }
    if (depth == 0 || trial->runs > RUNS_MAX) {
        return false;
    }
    uint8_t trace[ACTIVATION_SITES_MAX];
    memcpy(trace, trial->activation.trace, sizeof trace);
    const struct program *program = trial->activation.program;
    for (unsigned pass = 0; pass < 2; pass++) {
        const bool wanted = (pass == 0) == trial->wanted;
        for (uint32_t n = 1; n < trial->region->site_count && n < ACTIVATION_SITES_MAX; n++) {
            if (trace[n] != (wanted ? 2 : 3)) {
                continue;
            }
            const uint32_t index = trial->region->site_first + n;
            const struct bundle_site *site = &program->site[index];
            if (!is_read_bank(site->bank) || site->slot >= trial->count[site->bank]) {
                continue;
            }
            bool taken = false;
            for (unsigned i = 0; i < used; i++) {
                taken = taken || (changes[i].site == index && changes[i].slot == site->slot);
            }
            if (taken) {
                continue;
            }
            const int64_t old = trial->slot[site->bank][site->slot];
            const bool old_known = is_known(trial, site);
            const bool old_changed = site->bank == BANK_METRIC && trial->changed[site->slot];
            int64_t values[CANDIDATES_MAX];
            const unsigned count = candidates(trial, n, wanted, old, values);
            if (old_known && has_order(site)) {
                sort_by_distance(values, count, old);
            }
            for (unsigned i = 0; i < count; i++) {
                if (!fits_declared(program, trial, site, values[i])) {
                    continue;
                }
                set_read(trial, site, values[i], true);
                changes[used] =
                    (struct why_not_change){index, (enum bank)site->bank, site->slot, values[i], false, !wanted};
                if (search(trial, changes, used + 1, depth - 1)) {
                    return true;
                }
            }
            if (old_known && can_be_unknown(program, site)) {
                set_read(trial, site, old, false);
                changes[used] = (struct why_not_change){index, (enum bank)site->bank, site->slot, old, true, !wanted};
                if (search(trial, changes, used + 1, depth - 1)) {
                    return true;
                }
            }
            set_read(trial, site, old, old_known);
            if (site->bank == BANK_METRIC) {
                trial->changed[site->slot] = old_changed;
            }
        }
    }
    return false;
}

/* Whether the condition of a change was what it has to be before anything was changed. */
static bool held_anyway(const struct activation *activation, const struct why_not_change *change)
{
    const uint32_t n = change->site - region_of(activation)->site_first;
    return n < ACTIVATION_SITES_MAX && activation->trace[n] == (change->must_not ? 2 : 3);
}

unsigned why_not_search(const struct activation *activation, uint32_t pc, bool wanted,
                        struct why_not_change changes[WHY_NOT_CHANGES_MAX])
{
    struct trial *trial = memory_alloc(sizeof *trial);
    if (trial == NULL) {
        return 0;
    }
    unsigned found = 0;
    trial->wanted = wanted;
    if (prepare(trial, activation, pc) && run(trial) != wanted) {
        for (unsigned depth = 1; depth <= 2 * WHY_NOT_CHANGES_MAX && found == 0; depth++) {
            trial->may_forget = depth > WHY_NOT_CHANGES_MAX;
            if (!prepare(trial, activation, pc)) {
                break;
            }
            const unsigned changed = (depth - 1) % WHY_NOT_CHANGES_MAX + 1;
            if (search(trial, changes, 0, changed)) {
                found = changed;
            }
        }
    }
    memory_release(trial);
    /* Several changes of one read (is known, then its value) are one change for people: the last value holds, and of
     * the conditions the last one that did not hold anyway. */
    for (unsigned i = 0; i + 1 < found;) {
        unsigned again = i + 1;
        while (again < found && (changes[again].bank != changes[i].bank || changes[again].slot != changes[i].slot)) {
            again++;
        }
        if (again == found) {
            i++;
            continue;
        }
        if (held_anyway(activation, &changes[again])) {
            changes[again].site = changes[i].site;
            changes[again].must_not = changes[i].must_not;
        }
        memmove(&changes[i], &changes[i + 1], (found - i - 1) * sizeof changes[0]);
        found--;
    }
    return found;
}

/* The value and whether it is known, as the activation has it. */
static bool read_value(const struct activation *activation, const struct bundle_site *site, int64_t *value)
{
    const uint64_t bit = UINT64_C(1) << (site->slot % 64);
    switch (site->bank) {
    case BANK_EVENT:
        if (activation->event.slot == NULL) {
            return false;
        }
        *value = activation->event.slot[site->slot];
        return (activation->event.known[site->slot / 64] & bit) != 0;
    case BANK_METRIC: {
        struct metric_read read;
        const bool known = read_metric(activation, site->slot, &read);
        *value = read.value;
        return known;
    }
    case BANK_PLAYER:
        *value = activation->player.slot[site->slot];
        return (activation->player.known[site->slot / 64] & bit) != 0;
    case BANK_JOURNEY:
        if (activation->journey_slot == NULL) {
            return false;
        }
        *value = activation->journey_slot[site->slot];
        return (activation->journey_known & bit) != 0;
    default: return false;
    }
}

bool why_not_is_currency(const struct program *program, uint32_t index)
{
    const struct bundle_site *site = &program->site[index];
    if (site->bank != BANK_EVENT || site->kind != TYPE_CURRENCY) {
        return false;
    }
    for (uint32_t i = 0; i < program->field_count; i++) {
        if (program->field[i].kind == TYPE_MONEY && program->field[i].slot + 1 == site->slot) {
            return true;
        }
    }
    return false;
}

/* Whether the slot holds the amount of a money field; the next one holds its currency. */
static bool is_money_field(const struct program *program, uint32_t slot)
{
    for (uint32_t i = 0; i < program->field_count; i++) {
        if (program->field[i].kind == TYPE_MONEY && program->field[i].slot == slot) {
            return true;
        }
    }
    return false;
}

static void print_site_value(struct buffer *out, const struct activation *activation, const struct bundle_site *site,
                             int64_t value)
{
    const struct program *program = activation->program;
    if (why_not_is_currency(program, (uint32_t)(site - program->site)) && value >= 0 &&
        value < (int64_t)program->currency_count) {
        buffer_text(out, program_text(program, program->currency[value].code));
        return;
    }
    if (site->kind == TYPE_MONEY && site->bank == BANK_EVENT && is_money_field(program, site->slot)) {
        /* In the currency that it came in. */
        value_text_print(out, program, TYPE_MONEY, (uint32_t)activation->event.slot[site->slot + 1], value, TEXT(""));
        return;
    }
    const struct text text = site->kind == TYPE_TEXT ? interp_text(activation, value) : TEXT("");
    value_text_print(out, activation->program, site->kind, site->of, value, text);
}

void why_not_print_read(struct buffer *out, const struct activation *activation, uint32_t index)
{
    const struct program *program = activation->program;
    const struct bundle_site *site = &program->site[index];
    if (!is_read_bank(site->bank)) {
        return;
    }
    int64_t value = 0;
    if (!read_value(activation, site, &value)) {
        buffer_string(out, "it is not known");
        return;
    }
    if (why_not_is_currency(program, index) && value >= 0 && value < (int64_t)program->currency_count) {
        buffer_string(out, "it was in ");
        buffer_text(out, program_text(program, program->currency[value].code));
        return;
    }
    buffer_string(out, "it was ");
    if (site->bank == BANK_METRIC && site->kind == TYPE_TEXT) {
        struct metric_read read;
        (void)read_metric(activation, site->slot, &read);
        value_text_print(out, program, site->kind, site->of, 0, read.text);
        return;
    }
    print_site_value(out, activation, site, value);
}

void why_not_print(struct buffer *out, const struct activation *activation, const struct why_not_change *changes,
                   unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        const struct bundle_site *site = &activation->program->site[changes[i].site];
        if (i > 0) {
            buffer_string(out, i + 1 == count ? ", and " : ", ");
        }
        buffer_string(out, changes[i].must_not ? "not `" : "`");
        buffer_text(out, program_text(activation->program, site->text));
        buffer_string(out, "` (");
        why_not_print_read(out, activation, changes[i].site);
        if (changes[i].unknown) {
            buffer_string(out, "; not known would do)");
        } else {
            buffer_string(out, "; ");
            print_site_value(out, activation, site, changes[i].value);
            buffer_string(out, " would do)");
        }
    }
}
