/*
 * The verifier case by case: every border of every rule, from both sides. verify.cases holds small programs, each with what the verifier
 * says of it; further down are families that are walked by tables: operands, comparisons, what only a journey may do, entries, bounds.
 *
 * A case is: `case WORDS`, lines of assembly (behind prelude.asm, which bytecode_test.c shares), and the verdict that ends it:
 *   fine [FIELD=N ...]       accepted; fields of the BOUND record
 *   refused "PART"           the message holds PART
 *   limit "PART"             the same, as STATUS_LIMIT
 *   range rN [LOW, HIGH]     accepted up to here, and register N holds just these numbers      range rN text [0, SIZE]      above 16
 * and among its lines:
 *   instead `OLD` `NEW`      in the prelude             alone      no prelude at all
 *   shared                   what follows goes to region 0 and the records before it      journey      back to the campaign's code
 *
 * One case alone: CASE='WORDS' build/tests/verify_cases_test. What runs is bytecode_test.c's matter.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

#include "vm/assemble.h"
#include "vm/interp.h"
#include "vm/limits.h"
#include "vm/memory.h"
#include "vm/verify.h"

#define FOLDER      "tests/bytecode/"
#define REGION_LINE "region campaign=0 site_count=4"

enum { CAMPAIGNS_MAX = 4 };

/* The parts of a program before they are put together. */
struct parts {
    struct buffer prelude, shared, journey;
    bool alone;
};

struct verdict {
    enum status status;
    struct error error;
    struct bundle_bound bound[CAMPAIGNS_MAX];
};

static void read_whole(const char *path, struct buffer *out)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) fail_msg("cannot read %s", path);
    char bytes[4096];
    for (size_t got; (got = fread(bytes, 1, sizeof bytes, file)) > 0;) buffer_append(out, bytes, got);
    (void)fclose(file);
}

static void parts_open(struct parts *parts)
{
    *parts = (struct parts){.prelude = BUFFER_EMPTY, .shared = BUFFER_EMPTY, .journey = BUFFER_EMPTY};
    read_whole(FOLDER "prelude.asm", &parts->prelude);
}

static void parts_close(struct parts *parts)
{
    buffer_deinit(&parts->prelude);
    buffer_deinit(&parts->shared);
    buffer_deinit(&parts->journey);
}

/* In the prelude, where it must stand once. */
static void put_instead(struct parts *parts, const char *old, const char *new)
{
    struct buffer changed = BUFFER_EMPTY;
    const char *all = buffer_as_string(&parts->prelude), *at = strstr(all, old);
    if (at == NULL || strstr(at + 1, old) != NULL) fail_msg("`%s` stands not once in the prelude", old);
    buffer_append(&changed, all, (size_t)(at - all));
    buffer_string(&changed, new);
    buffer_string(&changed, at + strlen(old));
    buffer_deinit(&parts->prelude);
    parts->prelude = changed;
}

/* One text: prelude, with what is shared before the campaign's region, and the journey's code. */
static void put_together(struct parts *parts, struct buffer *out)
{
    if (!parts->alone) {
        const char *all = buffer_as_string(&parts->prelude), *hole = strstr(all, REGION_LINE);
        assert_non_null(hole);
        buffer_append(out, all, (size_t)(hole - all));
        buffer_text(out, buffer_as_text(&parts->shared));
        buffer_string(out, hole);
    }
    buffer_text(out, buffer_as_text(&parts->journey));
}

/* The builder stays with the caller, who may change records and ask again. */
static void assemble_parts(struct parts *parts, struct builder *builder, const char *what)
{
    struct buffer source = BUFFER_EMPTY;
    struct error error = ERROR_NONE;
    put_together(parts, &source);
    builder_init(builder);
    if (assemble(builder, buffer_as_text(&source), &error) != OK) fail_msg("%s: %s", what, error.message);
    buffer_deinit(&source);
}

static void ask_verifier(const struct builder *builder, struct verdict *out)
{
    struct program program;
    *out = (struct verdict){.error = ERROR_NONE};
    assert_int_equal(builder_program(&program, builder, &out->error), OK);
    assert_true(program.campaign_count <= CAMPAIGNS_MAX);
    out->status = verify_bounds(&program, out->bound, &out->error);
}

/* ---------------------------------------------------------------- verify.cases */

static struct text take(struct text *line)
{
    *line = text_trim(*line);
    uint32_t end = text_find(*line, ' ', 0);
    if (line->size > 0 && (line->at[0] == '"' || line->at[0] == '`')) end = text_find(*line, line->at[0], 1) + 1;
    if (end > line->size) end = line->size;
    struct text word = text_slice(*line, 0, end);
    *line = text_slice(*line, end, line->size);
    return word;
}

static bool is_word(struct text word, const char *string)
{
    return text_equal(word, text_of(string));
}

static void copy_unquoted(char *out, size_t size, struct text word)
{
    if (word.size >= 2 && (word.at[0] == '"' || word.at[0] == '`')) word = text_slice(word, 1, word.size - 2);
    (void)snprintf(out, size, "%.*s", TEXT_ARGS(word));
}

static bool bound_is(const char *what, const struct bundle_bound *bound, struct text line)
{
    for (struct text word = take(&line); word.size > 0; word = take(&line)) {
        char said[64], is[64] = "no such field";
        copy_unquoted(said, sizeof said, word);
#define SAY_I64(field)    SAY(field)
#define SAY_NUMBER(field) SAY(field)
#define SAY_ENUM(field)   SAY(field)
#define SAY_ZERO(field)
#define SAY(field)                                     \
    if (strncmp(said, #field "=", sizeof #field) == 0) \
        (void)snprintf(is, sizeof is, #field "=%lld", (long long)bound->field);
#define SAY_FIELD(kind, argument, field, sentence) SAY_##kind(field)
        BUNDLE_BOUND(SAY_FIELD)
        if (strcmp(said, is) == 0) continue;
        print_error("case %s\n  expected %s\n  but it is %s\n", what, said, is);
        return false;
    }
    return true;
}

/* Carries out the verdict of a case; false and why on the screen where the verifier says something else. */
static bool judge(const char *what, struct parts *parts, struct text verdict)
{
    struct builder builder;
    struct verdict found;
    struct text line = verdict, word = take(&line);
    char part[256], number[8] = "0";
    enum status status = is_word(word, "fine") ? OK : is_word(word, "limit") ? STATUS_LIMIT : STATUS_REFUSED;
    bool range = is_word(word, "range");
    copy_unquoted(part, sizeof part, text_trim(line));
    if (range) {
        copy_unquoted(number, sizeof number, take(&line));
        struct text numbers = text_trim(line);
        bool text = text_starts_with(numbers, TEXT("text"));
        if (text) (void)take(&numbers);
        numbers = text_trim(numbers);
        (void)snprintf(part, sizeof part, "register %s can hold %.*s, variable", number + 1, TEXT_ARGS(numbers));
        buffer_string(&parts->journey, "variable name=\"probe\" kind=1 low=-77 high=-77\n");
        buffer_print(&parts->journey, text ? "STORE_TEXT j2, %s\n" : "STORE j8, %s\n", number);
        buffer_string(&parts->journey, "FINISH \"probed\"\n");
    }
    assemble_parts(parts, &builder, what);
    ask_verifier(&builder, &found);
    builder_deinit(&builder);
    bool same = found.status == status && (status == OK || strstr(found.error.message, part) != NULL);
    if (!same)
        print_error("case %s\n  expected %.*s\n  but it is %s\n", what, TEXT_ARGS(verdict),
                    found.status == OK ? "accepted" : found.error.message);
    return same && (status != OK || bound_is(what, &found.bound[0], line));
}

static void every_case_is_judged_as_it_says(void **unused)
{
    (void)unused;
    struct buffer file = BUFFER_EMPTY;
    struct parts parts;
    char what[256] = "";
    bool shared = false, open = false;
    unsigned judged = 0, wrong = 0;
    const char *only = getenv("CASE");
    read_whole(FOLDER "verify.cases", &file);
    struct text all = buffer_as_text(&file);
    for (uint32_t at = 0, end; at < all.size; at = end + 1) {
        end = text_find(all, '\n', at);
        struct text whole = text_slice(all, at, end - at), line = whole, word = take(&line);
        if (is_word(word, "case")) {
            if (open) fail_msg("%s: no verdict", what);
            copy_unquoted(what, sizeof what, text_trim(line));
            parts_open(&parts);
            open = true;
            shared = false;
        } else if (!open) {
            if (word.size > 0 && word.at[0] != '#') fail_msg("after `%s`: `%.*s`", what, TEXT_ARGS(whole));
        } else if (is_word(word, "shared") || is_word(word, "journey")) {
            shared = is_word(word, "shared");
        } else if (is_word(word, "alone")) {
            parts.alone = true;
        } else if (is_word(word, "instead")) {
            char old[256], new[256];
            copy_unquoted(old, sizeof old, take(&line));
            copy_unquoted(new, sizeof new, take(&line));
            put_instead(&parts, old, new);
        } else if (is_word(word, "fine") || is_word(word, "refused") || is_word(word, "limit") ||
                   is_word(word, "range")) {
            judged++;
            if ((only == NULL || strcmp(only, what) == 0) && !judge(what, &parts, whole)) wrong++;
            parts_close(&parts);
            open = false;
        } else {
            struct buffer *to = shared ? &parts.shared : &parts.journey;
            buffer_text(to, whole);
            buffer_u8(to, '\n');
        }
    }
    if (open) fail_msg("%s: no verdict", what);
    assert_true(judged > 300);
    assert_int_equal(wrong, 0);
    buffer_deinit(&file);
}

/* ---------------------------------------------------------------- families */

/* The program of a family: the prelude and some code. */
static void open_program(struct builder *builder, const char *shared, const char *journey)
{
    struct parts parts;
    parts_open(&parts);
    buffer_string(&parts.shared, shared);
    buffer_string(&parts.journey, journey);
    assemble_parts(&parts, builder, journey);
    parts_close(&parts);
}

/* How many there are of what an operand names, in a campaign of the prelude with one conversion more; -1: any number will do. */
static int64_t how_many(const struct builder *builder, enum operand operand, bool campaign, int64_t code)
{
    switch (operand) {
    case OPERAND_ZERO: return 1;
    case OPERAND_OUT:
    case OPERAND_OUT_TEXT:
    case OPERAND_IN:
    case OPERAND_IN_TEXT:
    case OPERAND_REG_IMM:
    case OPERAND_REG_IMM_TEXT: return campaign ? 8 : 2;
    case OPERAND_REGISTERS: return campaign ? 9 : 3;
    case OPERAND_EVENT:
    case OPERAND_EVENT_TEXT:
    case OPERAND_EVENT_ANY:
    case OPERAND_PLAYER:
    case OPERAND_PLAYER_TEXT:
    case OPERAND_PLAYER_ANY: return 11;
    case OPERAND_JOURNEY:
    case OPERAND_JOURNEY_TEXT:
    case OPERAND_JOURNEY_ANY: return campaign ? 8 : 0;
    case OPERAND_METRIC:
    case OPERAND_METRIC_TEXT:
    case OPERAND_METRIC_ANY: return 8;
    case OPERAND_SITE: return campaign ? 4 : 2;
    case OPERAND_SKIP: return code;
    case OPERAND_TEXT: return builder_count(builder, SECTION_STRING);
    case OPERAND_BITS: return 11;
    case OPERAND_ROUNDING: return 4;
    case OPERAND_PLACE: return 2;
    case OPERAND_STATE: return campaign ? 3 : 0;
    case OPERAND_STEP:
    case OPERAND_SPLIT: return campaign ? 1 : 0;
    case OPERAND_EFFECT: return campaign ? 5 : 0;
    case OPERAND_OFFER: return campaign ? 2 : 0; /* the second is another campaign's */
    case OPERAND_REASON: return REASON_COUNT;
    case OPERAND_I64:
    case OPERAND_RATIO:
    case OPERAND_CALENDAR:
    case OPERAND_CONVERSION:
    case OPERAND_COUNT: break;
    }
    return -1;
}

struct operand_place {
    char name;
    enum operand kind;
};

static void set_operand(struct instruction *at, unsigned place, int64_t value)
{
    if (place == 0) at->a = (uint16_t)value;
    if (place == 1) at->b = (uint16_t)value;
    if (place == 2) at->c = (uint16_t)value;
    if (place == 3) at->imm = value;
}

/* One operand of an instruction that nothing reaches: the message, or "" where it is accepted. */
static void try_operand(struct builder *builder, uint32_t pc, uint16_t op, unsigned place, int64_t value,
                        const char *expected)
{
    const struct layout_opcode *opcode = layout_opcode(op);
    struct instruction *at = builder_at(builder, SECTION_CODE, pc);
    struct verdict found;
    *at = (struct instruction){.op = op};
    if (opcode->imm == OPERAND_RATIO) at->imm = 1;
    set_operand(at, place, value);
    ask_verifier(builder, &found);
    if (expected == NULL ? found.status != OK
                         : found.status != STATUS_REFUSED || strstr(found.error.message, expected) == NULL)
        fail_msg("%s with operand %c = %lld: `%s`, expected `%s`", opcode->name, "abci"[place], (long long)value,
                 found.error.message, expected == NULL ? "accepted" : expected);
}

/* Each operand of each instruction: the last that there is, one beyond, below zero. Of region 0 too, where nothing of a campaign is. */
static void operands_end_where_there_is_no_more(void **unused)
{
    (void)unused;
    static const char records[] = "rate number=1000000 to=1\n"
                                  "rates name=\"ecb\" version=\"1\" content=\"00\" rate_count=1\n"
                                  "factor num=1 den=1\nfactor num=1 den=1\n"
                                  "conversion num=1 den=1 currency=1 factor_count=2\n";
    unsigned tried = 0;
    for (int campaign = 0; campaign <= 1; campaign++) {
        struct builder builder;
        char shared[1024];
        (void)snprintf(shared, sizeof shared, "%s%s", records, campaign ? "" : "LOAD_NOW r0\n");
        open_program(&builder, shared, campaign ? "start: FINISH \"x\"\nLOAD_NOW r0\n" : "start: FINISH \"x\"\n");
        const struct bundle_region *region = builder_at(&builder, SECTION_REGION, (uint32_t)campaign);
        uint32_t pc = region->code_first + region->code_count - 1;
        int64_t code = region->code_count;
        for (uint16_t op = 0; op < OPCODE_NUMBERS; op++) {
            const struct layout_opcode *opcode = layout_opcode(op);
            if (opcode == NULL) continue;
            const enum operand kinds[4] = {opcode->a, opcode->b, opcode->c, opcode->imm};
            bool possible = true; /* nothing else of it is beyond what there is */
            for (unsigned place = 0; place < 4; place++)
                possible = possible && how_many(&builder, kinds[place], campaign, code) != 0;
            for (unsigned place = 0; place < 4; place++) {
                int64_t many = how_many(&builder, kinds[place], campaign, code);
                char said[128] = "must be zero";
                if (kinds[place] != OPERAND_ZERO)
                    (void)snprintf(said, sizeof said, "%s: operand %c (%s) is %lld; there are %lld", opcode->name,
                                   "abci"[place], layout_operand_name(kinds[place]), (long long)many, (long long)many);
                bool foreign = kinds[place] == OPERAND_OFFER;
                if (possible && many > 0) try_operand(&builder, pc, op, place, foreign ? 0 : many - 1, NULL);
                if (possible && many < 0 && kinds[place] == OPERAND_I64)
                    try_operand(&builder, pc, op, place, INT64_MIN, NULL);
                bool first = true; /* whatever is before it is fine at 0 */
                for (unsigned before = 0; before < place; before++)
                    first = first && how_many(&builder, kinds[before], campaign, code) != 0;
                if (foreign && campaign) continue; /* the prelude has one; see verify.cases */
                if (first && many >= 0 && (place == 3 || many <= UINT16_MAX))
                    try_operand(&builder, pc, op, place, many, said);
                if (first && many > 0 && place == 3)
                    try_operand(&builder, pc, op, place, -1, kinds[place] == OPERAND_ZERO ? said : "is -1; there are");
                tried++;
            }
        }
        /* Numbers of two parts. */
        try_operand(&builder, pc, OP_SCALE, 3, INT64_C(5) << 32, "operand i divides by zero");
        try_operand(&builder, pc, OP_SCALE, 3, INT64_C(5) << 32 | 1, NULL);
        try_operand(&builder, pc, OP_CONVERT, 3, 0, NULL);
        try_operand(&builder, pc, OP_CONVERT, 3, 1, "operand i is no conversion of the bundle");
        try_operand(&builder, pc, OP_CONVERT, 3, INT64_C(3) << 32, NULL);
        try_operand(&builder, pc, OP_CONVERT, 3, INT64_C(4) << 32, "operand i is no conversion of the bundle");
        try_operand(&builder, pc, OP_CONVERT, 3, -1, "operand i is no conversion of the bundle");
        builder_deinit(&builder);
    }
    assert_true(tried > 800);
}

static void what_is_no_instruction_is_refused(void **unused)
{
    (void)unused;
    struct builder builder;
    struct verdict found;
    open_program(&builder, "", "start: FINISH \"x\"\nLOAD_NOW r0\n");
    uint32_t pc = builder_count(&builder, SECTION_CODE) - 1;
    for (uint32_t op = 0; op <= UINT16_MAX; op += op < OPCODE_NUMBERS + 8 ? 1 : 4099) {
        if (layout_opcode(op) != NULL) continue;
        char said[64];
        (void)snprintf(said, sizeof said, "campaign `Tests`, instruction %u: %u is no instruction", pc, op);
        *(struct instruction *)builder_at(&builder, SECTION_CODE, pc) = (struct instruction){.op = (uint16_t)op};
        ask_verifier(&builder, &found);
        assert_int_equal(found.status, STATUS_REFUSED);
        assert_string_equal(found.error.message, said);
    }
    builder_deinit(&builder);
}

static bool compares(const char *how, int64_t value, int64_t with)
{
    return strcmp(how, "EQ") == 0   ? value == with
           : strcmp(how, "NE") == 0 ? value != with
           : strcmp(how, "LT") == 0 ? value < with
           : strcmp(how, "LE") == 0 ? value <= with
           : strcmp(how, "GT") == 0 ? value > with
                                    : value >= with;
}

/* After `register = number` and its five sisters each way knows just what can be, told value by value; a way that nothing takes keeps all. */
static void comparisons_narrow_both_ways(void **unused)
{
    (void)unused;
    static const char *const how[] = {"EQ", "NE", "LT", "LE", "GT", "GE"};
    static const int64_t ranges[][2] = {{-5, 5}, {3, 3}, {3, 4}, {0, 0}};
    for (unsigned i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        int64_t low = ranges[i][0], high = ranges[i][1];
        for (unsigned h = 0; h < 6; h++) {
            for (int64_t with = low - 2; with <= high + 2; with++) {
                for (int held = 0; held <= 1; held++) {
                    int64_t least = INT64_MAX, most = INT64_MIN;
                    for (int64_t value = low; value <= high; value++) {
                        if (compares(how[h], value, with) != held) continue;
                        if (value < least) least = value;
                        if (value > most) most = value;
                    }
                    if (least > most) least = low, most = high;
                    struct builder builder;
                    struct verdict found;
                    char code[512], said[128];
                    (void)snprintf(code, sizeof code,
                                   "variable name=\"n\" kind=1 low=%lld high=%lld\n"
                                   "variable name=\"probe\" kind=1 low=-77 high=-77\n"
                                   "start: IF_KNOWN_JOURNEY j8, s1, end2\nLOAD_JOURNEY r0, j8\n"
                                   "IF_%s_CONST r0, s1, other, %lld\n%sFINISH \"held\"\n"
                                   "other: %sFINISH \"skipped\"\nend2: FINISH \"x\"\n",
                                   (long long)low, (long long)high, how[h], (long long)with,
                                   held ? "STORE j9, r0\n" : "", held ? "" : "STORE j9, r0\n");
                    (void)snprintf(said, sizeof said, "register 0 can hold [%lld, %lld], variable 9", (long long)least,
                                   (long long)most);
                    open_program(&builder, "", code);
                    ask_verifier(&builder, &found);
                    if (found.status != STATUS_REFUSED || strstr(found.error.message, said) == NULL)
                        fail_msg("[%lld, %lld], %s %lld, %s: `%s` does not say `%s`", (long long)low, (long long)high,
                                 how[h], (long long)with, held ? "held" : "skipped", found.error.message, said);
                    builder_deinit(&builder);
                }
            }
        }
    }
}

/* What only a journey may do, asked of a filter and of the code of a metric and of an order. */
static void only_journeys_do_things(void **unused)
{
    (void)unused;
    static const struct {
        const char *code;
        bool allowed; /* to all */
    } doing[] = {
        {"STEP 0", false},           {"WAIT 0", false},         {"FINISH \"x\"", false},
        {"CREDIT 1, r0, 1", false},  {"REFUSE 0, 1", false},    {"SEND 0, r0, +0", false},
        {"DO 2, r1, +0", false},     {"TAG 3", false},          {"UNTAG 4", false},
        {"SPLIT r2, 0", false},      {"ARM r2, 0", true},       {"ASK 5, 3", false},
        {"TELL 6, r1, +0", false},   {"CANCEL_OFFER 0", false}, {"FREEZE_OFFER 0", false},
        {"UNFREEZE_OFFER 0", false}, {"GIVE_CODE 7, 4", false}, {"RELEASE_CODE 8, 1", false},
        {"SPEND 9, r0, +0", false},  {"AWARD 10", false},       {"LOAD_CONST r3, 5", true},
        {"JUMP +0", true},
    };
    static const char records[] =
        "ask asked=\"crm\" effect=5 query=none people=2\n"
        "field name=\"code\" kind=10 size=16 slot=4\n"
        "event name=\"code_given\" wire=\"code.given\" field_first=7 field_count=1 about=3 slot_count=5 "
        "made_by_engine=1\n"
        "pool name=\"spring\" zone=\"UTC\" codes=100 kind=0 pattern=\"S-????\" alphabet=\"ABCD\" valid_from=min "
        "valid_through=max hold_ms=900000 code_count=1 given=2\n"
        "points name=\"stars\" currency=0 zone=\"UTC\" line=5\n"
        "badge name=\"explorer\" note=none image=none line=5\n"
        "value name=\"player\" kind=10\n"
        "value name=\"device\" kind=1\n"
        "value name=\"points\" kind=1\n"
        "effect kind=5 action=\"approval\" name=\"crm\" channel=none gate=none counter=none line=6\n"
        "effect kind=6 action=\"tell\" name=\"session\" object=1 channel=none gate=none counter=none value_first=3 "
        "value_count=2 line=6\n"
        "effect kind=7 action=\"give code\" name=\"spring\" channel=none gate=none counter=none line=6\n"
        "effect kind=8 action=\"release code\" name=\"spring\" channel=none gate=none counter=none line=6\n"
        "effect kind=9 action=\"spend\" name=\"stars\" channel=none gate=none counter=none value_first=5 value_count=1 "
        "line=6\n"
        "effect kind=10 action=\"award\" name=\"explorer\" channel=none gate=none counter=none line=6\n"
        "state duration=86400000 kind=2 deadline=1 timeout=@end granted=@end declined=@end ask=0\n"
        "state kind=3 granted=@end declined=@end ask=0\n";
    for (unsigned i = 0; i < sizeof doing / sizeof *doing; i++) {
        for (int filter = 0; filter <= 1; filter++) {
            struct builder builder;
            struct verdict found;
            struct parts parts;
            parts_open(&parts);
            if (filter) put_instead(&parts, "start_filter=none", "start_filter=@begin");
            buffer_string(&parts.shared, records);
            buffer_print(&parts.journey, "%sbegin: LOAD_CONST r0, 7\nLOAD_TEXT r1, \"Ann\"\nLOAD_CONST r2, 1\n%s\n%s\n",
                         filter ? "start: FINISH \"x\"\n" : "start: ", doing[i].code,
                         filter ? "ACCEPT" : "FINISH \"x\"");
            assemble_parts(&parts, &builder, doing[i].code);
            parts_close(&parts);
            ask_verifier(&builder, &found);
            bool refused = filter && !doing[i].allowed;
            if (found.status != (refused ? STATUS_REFUSED : OK))
                fail_msg("%s in a %s: `%s`", doing[i].code, filter ? "filter" : "journey", found.error.message);
            if (refused) assert_non_null(strstr(found.error.message, "a filter only judges"));
            builder_deinit(&builder);
        }
    }
}

/* ---------------------------------------------------------------- entries */

/* What code may do where it is entered, found out by trying: what it ends as, and what it may read. */
struct reading {
    char letter;
    const char *code; /* one instruction, and what it needs before it */
};

static const struct reading readings[] = {
    {'e', "LOAD_EVENT r0, e0"},         /* there is an event … */
    {'d', "LOAD_EVENT r0, e10"},        /* … a deposit: the others have fewer slots …*/
    {'s', "LOAD_EVENT r0, e5"},         /* … or a deposit taken back */
    {'p', "LOAD_PLAYER r0, p3"},        /* the player */
    {'m', "LOAD_METRIC r0, m0"},        /* metrics of the player */
    {'f', "LOAD_METRIC r0, m7"},        /* formulas */
    {'i', "LOAD_METRIC r0, m5"},        /* metrics of this campaign's journeys */
    {'j', "LOAD_JOURNEY_OR r0, j1, 0"}, /* the journey's variables … */
    {'c', "LOAD_JOURNEY r0, j0"},       /* … counters are known … */
    {'k', "LOAD_JOURNEY r0, j1"},       /* … and what the state says */
    {'n', "LOAD_NOW r0"},
};

static const char *const endings[] = {"ACCEPT", "FINISH \"x\"", "YIELD r0"};
static const char *const called[] = {"filter", "journey", "value"};

struct entry {
    enum section section;
    uint32_t index;
    const char *field;
    const char *said; /* how it ends, and the letters of what it reads */
};

/* The same program for all: one record of each kind that code belongs to. */
static const struct entry entries[] = {
    {SECTION_CAMPAIGN, 0, "start_filter", "filter edspmfn"},
    {SECTION_CAMPAIGN, 0, "audience", "filter pmfn"},
    {SECTION_CAMPAIGN, 0, "start", "journey edspmfijcn"},
    {SECTION_CAMPAIGN, 0, "goal_filter", "filter epmfn"},
    {SECTION_STATE, 0, "timeout", "journey pmfijcn"},
    {SECTION_STATE, 1, "granted", "journey pmfijcn"},
    {SECTION_STATE, 1, "declined", "journey pmfijcn"},
    {SECTION_STATE, 2, "timeout", "journey pmfijckn"},
    {SECTION_STATE, 3, "timeout", "journey pmfijckn"},
    {SECTION_STATE, 3, "granted", "journey epmfijckn"},
    {SECTION_STATE, 4, "granted", "journey pmfijckn"},
    {SECTION_STATE, 4, "declined", "journey pmfijckn"},
    {SECTION_STATE, 5, "granted", "journey epmfijckn"},
    {SECTION_STATE, 5, "declined", "journey pmfijckn"},
    {SECTION_CASE, 0, "filter", "filter edspmfijcn"},
    {SECTION_CASE, 0, "target", "journey edspmfijcn"},
    {SECTION_CASE, 1, "filter", "filter epmfijckn"},
    {SECTION_CASE, 1, "target", "journey epmfijckn"},
    {SECTION_LEAVE, 0, "filter", "filter epmfijcn"},
    {SECTION_LEAVE, 0, "target", "journey epmfijcn"},
    {SECTION_LEAVE, 1, "filter", "filter pmfijcn"},
    {SECTION_WEIGHT, 0, "filter", "filter epmfn"},
    {SECTION_SEGMENT, 0, "filter", "filter pmfn"},
    {SECTION_RULE, 0, "filter", "filter pmfn"},
    {SECTION_POOL, 0, "filter", "filter pmfn"},
    {SECTION_QUOTA, 0, "filter", "filter pmfn"},
    {SECTION_METRIC, 0, "code", "value eds"},
    {SECTION_METRIC, 5, "code", "value e"},
    {SECTION_METRIC, 7, "code", "value m"},
    {SECTION_METRIC, 8, "reversal_code", "value es"},
    {SECTION_EARN, 0, "code", "value eds"},
    {SECTION_EARN, 0, "reversal_code", "value es"},
    {SECTION_MEASURE, 0, "code", "value eds"},
    {SECTION_MEASURE, 0, "reversal_code", "value es"},
    {SECTION_ORDER, 0, "code", "value pmfn"},
};

static uint32_t *entry_field(struct builder *builder, const struct entry *entry)
{
    const struct layout_section *section = layout_section(entry->section);
    unsigned char *record = builder_at(builder, entry->section, entry->index);
    uint32_t offset = 0;
    for (const struct layout_field *field = section->fields; field->kind != LAYOUT_END; field++) {
        if (strcmp(field->name, entry->field) == 0) return (uint32_t *)(void *)(record + offset);
        offset += layout_field_size(field->kind);
    }
    fail_msg("%s has no field %s", section->name, entry->field);
    return NULL;
}

/* The program of verify.entries with every reading before every ending, in both regions; gives where the first stands in each. */
static void open_entries(struct builder *builder, uint32_t first[2])
{
    struct parts parts;
    struct buffer file = BUFFER_EMPTY;
    parts_open(&parts);
    read_whole(FOLDER "verify.entries", &file);
    struct text all = buffer_as_text(&file);
    for (uint32_t at = 0, end; at < all.size; at = end + 1) {
        end = text_find(all, '\n', at);
        struct text whole = text_slice(all, at, end - at), line = whole, word = take(&line);
        if (!is_word(word, "instead")) {
            buffer_text(&parts.shared, whole);
            buffer_u8(&parts.shared, '\n');
            continue;
        }
        char old[256], new[256];
        copy_unquoted(old, sizeof old, take(&line));
        copy_unquoted(new, sizeof new, take(&line));
        put_instead(&parts, old, new);
    }
    buffer_string(&parts.journey, "start: FINISH \"x\"\nyes: ACCEPT\n");
    for (int campaign = 0; campaign <= 1; campaign++) {
        struct buffer *probes = campaign ? &parts.journey : &parts.shared;
        for (unsigned r = 0; r < sizeof readings / sizeof *readings; r++) {
            const char *code = readings[r].code;
            if (!campaign && strstr(code, ", j") != NULL) code = "MOVE r0, r1"; /* r1 holds nothing: refused as well */
            for (unsigned e = 0; e < 3; e++)
                buffer_print(probes, "LOAD_CONST r0, 0\n%s\nLOAD_CONST r0, 0\n%s\n", code, endings[e]);
        }
        for (unsigned e = 0; e < 3; e++) buffer_print(probes, "LOAD_CONST r0, 0\n%s\n", endings[e]);
    }
    assemble_parts(&parts, builder, "verify.entries");
    uint32_t size = 4 * 3 * (uint32_t)(sizeof readings / sizeof *readings) + 3 * 2;
    for (uint32_t i = 0; i < 2; i++) {
        const struct bundle_region *region = builder_at(builder, SECTION_REGION, i);
        first[i] = region->code_first + region->code_count - size;
    }
    buffer_deinit(&file);
    parts_close(&parts);
}

static bool accepted(const struct builder *builder)
{
    struct verdict found;
    ask_verifier(builder, &found);
    return found.status == OK;
}

static void entries_know_what_holds_there(void **unused)
{
    (void)unused;
    struct builder builder;
    uint32_t first[2];
    enum { READINGS = sizeof readings / sizeof *readings };
    open_entries(&builder, first);
    struct verdict found;
    ask_verifier(&builder, &found);
    if (found.status != OK) fail_msg("verify.entries: %s", found.error.message);
    const struct bundle_region *region = builder_at(&builder, SECTION_REGION, 1);
    uint32_t own = region->code_first, wrong = 0;
    for (unsigned i = 0; i < sizeof entries / sizeof *entries; i++) {
        uint32_t *field = entry_field(&builder, &entries[i]), old = *field;
        assert_true(old != PROGRAM_NONE);
        bool campaign = old >= own;
        char is[64] = "", letters[READINGS + 1] = "";
        for (unsigned e = 0; e < 3; e++) {
            *field = first[campaign] + 4 * 3 * READINGS + 2 * e;
            if (!accepted(&builder)) continue;
            unsigned count = 0;
            for (unsigned r = 0; r < READINGS; r++) {
                *field = first[campaign] + (r * 3 + e) * 4;
                if (accepted(&builder)) letters[count++] = readings[r].letter;
            }
            letters[count] = 0;
            if (is[0] != 0) fail_msg("%s may end in two ways", entries[i].field);
            (void)snprintf(is, sizeof is, "%s %s", called[e], letters);
        }
        if (strcmp(is, entries[i].said) != 0) {
            print_error("%s %u, %s: it is `%s`, expected `%s`\n", layout_section(entries[i].section)->name,
                        entries[i].index, entries[i].field, is, entries[i].said);
            wrong++;
        }
        /* Elsewhere: the other region, and one behind the own. */
        *field = first[!campaign];
        ask_verifier(&builder, &found);
        if (found.status != STATUS_REFUSED || strstr(found.error.message, "lies in another region") == NULL)
            fail_msg("%s %u, %s, into another region: `%s`", layout_section(entries[i].section)->name, entries[i].index,
                     entries[i].field, found.error.message);
        *field = campaign ? own - 1 : own;
        ask_verifier(&builder, &found);
        assert_int_equal(found.status, STATUS_REFUSED);
        *field = old;
    }
    assert_int_equal(wrong, 0);
    builder_deinit(&builder);
}

/* Every field of the BOUND record, one more than it is. */
static void bounds_that_are_said_are_compared(void **unused)
{
    (void)unused;
    struct builder builder;
    struct verdict found;
    struct program program;
    open_program(&builder, "", "start: LOAD_CONST r0, 7\nLOAD_CONST r1, 7\nCREDIT 1, r0, 1\n");
    ask_verifier(&builder, &found);
    assert_int_equal(found.status, OK);
    builder_add_bound(&builder, &found.bound[0]);
    assert_int_equal(builder_program(&program, &builder, &found.error), OK);
    assert_int_equal(verify_program(&program, &found.error), OK);
    struct bundle_bound *said = builder_at(&builder, SECTION_BOUND, 0);
#define WRONG_I64(field)    WRONG(field)
#define WRONG_NUMBER(field) WRONG(field)
#define WRONG_ENUM(field)   WRONG(field)
#define WRONG_ZERO(field)
#define WRONG(field)                                                                              \
    {                                                                                             \
        int64_t is = (int64_t)said->field;                                                        \
        said->field = __builtin_choose_expr(sizeof said->field == 8, is + 1, (uint32_t)(is + 1)); \
        assert_int_equal(verify_program(&program, &found.error), STATUS_REFUSED);                 \
        assert_non_null(strstr(found.error.message, "the bundle says that " #field " is "));      \
        said->field = __builtin_choose_expr(sizeof said->field == 8, is, (uint32_t)is);           \
    }
#define WRONG_FIELD(kind, argument, field, sentence) WRONG_##kind(field)
    BUNDLE_BOUND(WRONG_FIELD)
    assert_int_equal(verify_program(&program, &found.error), OK);
    program.bound_count = 0;
    assert_int_equal(verify_program(&program, &found.error), STATUS_REFUSED);
    assert_non_null(strstr(found.error.message, "the bundle states bounds of 0 campaigns and has 1"));
    builder_deinit(&builder);
}

/* A thousand ways, one open at a time: their facts lie in the same memory, so few allocations do. */
static void facts_are_used_again(void **unused)
{
    (void)unused;
    struct builder builder;
    struct verdict found;
    struct program program;
    struct buffer code = BUFFER_EMPTY;
    buffer_string(&code, "start: LOAD_NOW r0\n");
    for (unsigned i = 0; i < 1000; i++) buffer_string(&code, "IF_GE_EVENT e4, s1, +0, 5\n");
    buffer_string(&code, "FINISH \"x\"\n");
    open_program(&builder, "", buffer_as_string(&code));
    found = (struct verdict){.error = ERROR_NONE};
    assert_int_equal(builder_program(&program, &builder, &found.error), OK);
    memory_fail_from(100);
    enum status status = verify_bounds(&program, found.bound, &found.error);
    memory_fail_from(0);
    assert_int_equal(status, OK);
    assert_int_equal(found.bound[0].instructions, 1002);
    buffer_deinit(&code);
    builder_deinit(&builder);
}

/* Each allocation of a verification fails once, with all others granted: it is told, and nothing is kept. The same of programs that are
 * refused while facts wait at the first instruction. */
static void no_memory_is_told_and_none_is_kept(void **unused)
{
    (void)unused;
    struct builder builder;
    struct verdict found;
    struct program program;
    struct parts parts;
    parts_open(&parts);
    put_instead(&parts, "runs_from=min runs_through=max zone=\"UTC\" start_event=0 start_filter=none start=@start",
                "runs_from=min runs_through=max zone=\"UTC\" start_event=0 start_filter=none start=@end");
    buffer_string(&parts.journey, "start: IF_GE_EVENT e4, s1, other, 5\nSTEP 0\nother: FINISH \"x\"\n");
    assemble_parts(&parts, &builder, "no memory");
    parts_close(&parts);
    ask_verifier(&builder, &found);
    assert_int_equal(found.status, OK);
    builder_add_bound(&builder, &found.bound[0]);
    assert_int_equal(builder_program(&program, &builder, &found.error), OK);
    size_t before = mallinfo2().uordblks;
    enum status status = STATUS_NO_MEMORY;
    uint64_t nth = 0;
    while (status != OK && nth < 1000) {
        memory_fail_once(++nth);
        status = verify_program(&program, &found.error);
        assert_true(status == OK || status == STATUS_NO_MEMORY);
        assert_int_equal(mallinfo2().uordblks, before);
    }
    memory_fail_once(0);
    assert_true(status == OK && nth > 12);
    struct bundle_state *state = builder_at(&builder, SECTION_STATE, 2); /* the last entry goes astray */
    state->timeout = 0;
    assert_int_equal(verify_program(&program, &found.error), STATUS_REFUSED);
    assert_int_equal(mallinfo2().uordblks, before);
    builder_deinit(&builder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_is_judged_as_it_says),
        cmocka_unit_test(operands_end_where_there_is_no_more),
        cmocka_unit_test(what_is_no_instruction_is_refused),
        cmocka_unit_test(comparisons_narrow_both_ways),
        cmocka_unit_test(only_journeys_do_things),
        cmocka_unit_test(entries_know_what_holds_there),
        cmocka_unit_test(bounds_that_are_said_are_compared),
        cmocka_unit_test(facts_are_used_again),
        cmocka_unit_test(no_memory_is_told_and_none_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
