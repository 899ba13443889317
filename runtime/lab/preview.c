/* Values to show a message with. See preview.h. */
#include "runtime/lab/preview.h"

#include "runtime/channels/terms.h"
#include "runtime/engine/effect_json.h"
#include "vm/decimal.h"
#include "vm/round.h"
#include "vm/template.h"
#include "vm/zone.h"

bool preview_set(struct preview *preview, struct text name, struct text value)
{
    for (uint32_t i = 0; i < preview->count; i++) {
        if (!text_equal(preview->values[i].name, name)) continue;
        preview->values[i].value = arena_copy_text(preview->arena, value);
        return true;
    }
    if (preview->count == PREVIEW_VALUES_MAX) return false;
    preview->values[preview->count++] =
        (struct render_value){arena_copy_text(preview->arena, name), arena_copy_text(preview->arena, value)};
    return true;
}

static bool has_value(const struct preview *preview, struct text name)
{
    for (uint32_t i = 0; i < preview->count; i++) {
        if (text_equal(preview->values[i].name, name)) return true;
    }
    return false;
}

/* A value as the effect line writes it, without the quotation marks of JSON. */
static void set_value(struct preview *preview, const struct program *program, struct text name, uint32_t kind,
                      uint32_t of, int64_t value, struct text text)
{
    struct buffer json = BUFFER_EMPTY;
    if (kind != TYPE_TEXT) {
        effect_json_value(&json, program, kind, of, value, text);
        text = buffer_as_text(&json);
        if (text.size >= 2 && text.at[0] == '"') text = text_slice(text, 1, text.size - 2);
    }
    (void)preview_set(preview, name, text);
    buffer_deinit(&json);
}

static void on_effect(void *context, const struct engine_effect *effect)
{
    struct preview *preview = context;
    const struct program *program = effect->program;
    if (effect->kind != ENGINE_SEND || effect->effect == NULL || !text_equal(effect->player, preview->player) ||
        (preview->brand.size > 0 && !text_equal(effect->brand, preview->brand)) ||
        !text_equal(program_text(program, effect->effect->name), preview->message))
        return;
    preview->was_sent = true;
    memcpy(preview->effect, effect->id, sizeof preview->effect);
    preview->campaign =
        arena_copy_text(preview->arena, program_text(program, program->campaign[effect->campaign].name));
    for (uint32_t i = 0; i < effect->effect->value_count; i++) {
        const struct bundle_value *value = &program->value[effect->effect->value_first + i];
        const struct text name = program_text(program, value->name);
        if (name.size == 0) continue; /* a currency */
        const struct text text = value->kind == TYPE_TEXT ? engine_effect_text(effect, effect->values[i]) : TEXT("");
        set_value(preview, program, name, value->kind, engine_effect_of(effect, i), effect->values[i], text);
    }
}

struct engine_sink preview_sink(struct preview *preview)
{
    return (struct engine_sink){.context = preview, .effect = on_effect};
}

/* ------------------------------------------------------------------ what nobody has sent */

static bool set_attribute(struct preview *preview, struct engine *engine, struct text hole, struct text name)
{
    struct engine_player_view view;
    const struct program *program = engine_program(engine);
    if (!engine_find_player(engine, preview->brand, preview->player, &view)) return false;
    for (uint32_t i = 0; i < program->attribute_count; i++) {
        const struct bundle_attribute *attribute = &program->attribute[i];
        if (!text_equal(program_text(program, attribute->name), name)) continue;
        if ((view.known[attribute->slot / 64] >> (attribute->slot % 64) & 1) == 0) return false;
        const int64_t value = view.slot[attribute->slot];
        const struct text text = attribute->kind == TYPE_TEXT
                                     ? text_make((const char *)view.bytes + handle_offset(value), handle_size(value))
                                     : TEXT("");
        set_value(preview, program, hole, attribute->kind, attribute->of, value, text);
        return true;
    }
    return false;
}

/* An offer that the campaign's terms speak of. */
static struct text some_offer(const struct preview *preview)
{
    const struct program *program = preview->program;
    for (uint32_t i = 0; i < program->term_count; i++) {
        if (text_equal(program_text(program, program->campaign[program->term[i].campaign].name), preview->campaign))
            return program_text(program, program->offer[program->term[i].offer].name);
    }
    return TEXT("offer");
}

/* The type of a hole by the declaration of its attribute or field. */
static uint32_t declared_kind(const struct program *program, struct text owner, struct text name, uint32_t *of)
{
    for (uint32_t i = 0; i < program->attribute_count && text_equal(owner, TEXT("player")); i++) {
        if (!text_equal(program_text(program, program->attribute[i].name), name)) continue;
        *of = program->attribute[i].of;
        return program->attribute[i].kind;
    }
    for (uint32_t i = 0; i < program->event_count; i++) {
        const struct bundle_event *event = &program->event[i];
        if (!text_equal(program_text(program, event->name), owner)) continue;
        for (uint32_t j = 0; j < event->field_count; j++) {
            const struct bundle_field *field = &program->field[event->field_first + j];
            if (!text_equal(program_text(program, field->name), name)) continue;
            *of = field->of;
            return field->kind;
        }
    }
    return TYPE_TEXT;
}

/* What the terms of that offer say of a parameter: of an amount that is worked out the largest. NULL: nothing. */
static const struct bundle_term *some_fact(const struct preview *preview, struct text offer, enum term_kind kind,
                                           struct text parameter)
{
    const struct program *program = preview->program;
    for (uint32_t i = 0; i < program->term_count; i++) {
        const struct bundle_term *term = &program->term[i];
        if (term->kind != kind || !text_equal(program_text(program, program->offer[term->offer].name), offer) ||
            !text_equal(program_text(program, program->campaign[term->campaign].name), preview->campaign))
            continue;
        if (parameter.size == 0 || text_equal(program_text(program, term->text), parameter)) return term;
    }
    return NULL;
}

/* So that a sample does not speak against the terms beside it. */
static bool set_of_offer(struct preview *preview, struct text hole, struct text name)
{
    const struct program *program = preview->program;
    const struct text offer = some_offer(preview);
    const bool target = text_equal(name, TEXT("target"));
    const struct text parameter = target ? TEXT("amount") : name;
    const struct bundle_term *times = some_fact(preview, offer, TERM_WAGERING, TEXT(""));
    if (text_equal(name, TEXT("wagering"))) {
        if (times != NULL) set_value(preview, program, hole, TYPE_DECIMAL, PROGRAM_NONE, times->number, TEXT(""));
        return times != NULL;
    }
    const struct bundle_term *term = some_fact(preview, offer, TERM_AMOUNT, parameter);
    if (term == NULL && text_equal(parameter, TEXT("amount"))) term = some_fact(preview, offer, TERM_AT_MOST, TEXT(""));
    if (term == NULL || (target && (times == NULL || times->other != 1))) return false;
    int64_t number = term->number;
    if (target && !round_mul_div(&number, number, times->number, DECIMAL_ONE, ROUNDING_DOWN)) return false;
    set_value(preview, program, hole, term->type, term->of, number, TEXT(""));
    return true;
}

static void set_sample(struct preview *preview, struct text hole, struct text owner, struct text name)
{
    const struct program *program = preview->program;
    if (text_equal(owner, TEXT("offer")) && set_of_offer(preview, hole, name)) return;
    uint32_t of = PROGRAM_NONE;
    uint32_t kind = render_kind(program, preview->message, hole, &of);
    if (kind == TYPE_TEXT) kind = declared_kind(program, owner, name, &of);
    if (of >= program->currency_count && kind == TYPE_MONEY) of = 0;
    struct text sample = name.size > 0 ? name : TEXT("SPRING-ABCD2345");
    if (text_equal(owner, TEXT("offer")) && (text_equal(name, TEXT("terms")) || text_equal(name, TEXT("name"))))
        sample = some_offer(preview);
    else if (text_equal(hole, TEXT("player.id")))
        sample = preview->player.size > 0 ? preview->player : TEXT("P000001");
    switch (kind) {
    case TYPE_TEXT: break;
    case TYPE_BOOL: sample = TEXT("true"); break;
    case TYPE_DATE: sample = TEXT("2026-06-15"); break;
    case TYPE_MOMENT: sample = TEXT("2026-06-15T16:30:00.000Z"); break;
    case TYPE_TIME: sample = TEXT("16:30"); break;
    case TYPE_DURATION:
    case TYPE_CALENDAR: sample = TEXT("7 days"); break;
    case TYPE_PERCENT: sample = TEXT("12.5%"); break;
    case TYPE_MONEY:
        if (program->currency_count > 0)
            sample = arena_print(preview->arena, "1234.50 %.*s",
                                 TEXT_ARGS(program_text(program, program->currency[of].code)));
        break;
    case TYPE_COUNTRY: sample = TEXT("DE"); break;
    case TYPE_ENUM:
        if (of < program->enumeration_count && program->enumeration[of].wording_count > 0)
            sample = program_text(program, program->wording[program->enumeration[of].wording_first].name);
        break;
    default: sample = TEXT("25"); break;
    }
    (void)preview_set(preview, hole, sample);
}

static void fill_holes(struct preview *preview, struct engine *engine, struct text body, enum body_format format)
{
    struct template template;
    struct template_piece piece;
    template_begin(&template, body, format);
    while (template_next(&piece, &template)) {
        if (piece.kind != TEMPLATE_VALUE || has_value(preview, piece.inside)) continue;
        const bool is_player = text_equal(piece.owner, TEXT("player")) && preview->player.size > 0 && engine != NULL;
        if (is_player && set_attribute(preview, engine, piece.inside, piece.name)) continue;
        set_sample(preview, piece.inside, piece.owner, piece.name);
    }
}

void preview_fill(struct preview *preview, struct engine *engine)
{
    const struct program *program = preview->program;
    const uint32_t index = render_find(program, preview->message);
    if (index == PROGRAM_NONE) return;
    for (uint32_t i = 0; i < program->campaign_count && preview->campaign.size == 0; i++) {
        const struct bundle_campaign *campaign = &program->campaign[i];
        for (uint32_t j = 0; j < campaign->effect_count; j++) {
            const struct bundle_effect *effect = &program->effect[campaign->effect_first + j];
            if (effect->kind == ACT_SEND && effect->object == index)
                preview->campaign = program_text(program, campaign->name);
        }
    }
    const struct bundle_message *message = &program->message[index];
    for (uint32_t i = 0; i < message->body_count; i++) {
        const struct bundle_body *body = &program->body[message->body_first + i];
        fill_holes(preview, engine, program_text(program, body->text), (enum body_format)body->format);
    }
    for (uint32_t i = 0; i < message->link_count; i++)
        fill_holes(preview, engine, program_text(program, program->link[message->link_first + i].address), BODY_PLAIN);
}
