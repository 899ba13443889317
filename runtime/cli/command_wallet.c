/*
 * promo wallet: what a player has and may use now, from a database.
 */
#include "runtime/cli/cli.h"
#include "runtime/cli/replay.h"
#include "runtime/engine/wallet.h"
#include "vm/civil.h"
#include "vm/decimal.h"

struct options {
    struct replay_options log;
};

static const struct argp_option argp_options[] = {
    REPLAY_ROWS,
    REPLAY_PLAYER_ROWS("Whose wallet"),
    REPLAY_JSON_ROW,
    {0},
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case ARGP_KEY_END:
        if (options->log.database == NULL || options->log.player == NULL)
            argp_error(state, "name the database and the player: --db FILE --player ID");
        return 0;
    default: return replay_option(&options->log, key, argument);
    }
}

static void put_money(struct buffer *out, int64_t minor, struct text currency)
{
    char code[4] = "";
    memcpy(code, currency.at, currency.size < 3 ? currency.size : 3);
    decimal_print_money(out, minor, code);
}

static void put_item(void *context, const struct wallet_item *item)
{
    struct buffer *out = context;
    buffer_print(out, "%.*s \"%.*s\"  %.*s", TEXT_ARGS(item->kind), TEXT_ARGS(item->name), TEXT_ARGS(item->state));
    if (item->percent >= 0) buffer_print(out, ", %d%%", item->percent);
    if (item->currency.size > 0) {
        buffer_string(out, ", ");
        put_money(out, item->amount, item->currency);
        if (item->target > 0) {
            buffer_string(out, ", ");
            put_money(out, item->left, item->currency);
            buffer_string(out, " of ");
            put_money(out, item->target, item->currency);
            buffer_string(out, " left to wager");
        } else if (item->left != item->amount) {
            buffer_string(out, ", left ");
            put_money(out, item->left, item->currency);
        }
    }
    if (item->until != INT64_MAX) {
        char text[CIVIL_INSTANT_SIZE];
        civil_format_instant(text, item->until);
        buffer_print(out, ", until %s", text);
    }
    buffer_u8(out, '\n');
    if (item->code.size > 0) buffer_print(out, "    code %.*s\n", TEXT_ARGS(item->code));
    if (item->smallest_order > 0) {
        buffer_string(out, "    for orders from ");
        put_money(out, item->smallest_order, item->currency);
        buffer_u8(out, '\n');
    }
    for (uint32_t i = 0; i < item->term_count; i++) {
        buffer_string(out, "    ");
        for (uint32_t k = 0; k < item->terms[i].name.size; k++)
            buffer_u8(out, (uint8_t)(item->terms[i].name.at[k] == '_' ? ' ' : item->terms[i].name.at[k]));
        buffer_print(out, ": %.*s\n", TEXT_ARGS(item->terms[i].value));
    }
}

static int look(const struct options *options, struct engine *engine)
{
    if (engine_program(engine) == NULL) return cli_fail(CLI_INPUT, "no program was ever activated in this database");
    struct buffer out = BUFFER_EMPTY;
    struct text brand = text_of(options->log.brand == NULL ? "" : options->log.brand),
                player = text_of(options->log.player);
    bool known = true;
    if (options->log.json) {
        wallet_json(engine, brand, player, &out);
    } else {
        known = wallet_list(engine, brand, player, put_item, &out);
        if (known && out.size == 0) buffer_string(&out, "nothing\n");
    }
    bool told = buffer_ok(&out);
    if (told && known) cli_print(stdout, &out);
    buffer_deinit(&out);
    if (!told) return cli_fail(CLI_USAGE, "memory is out");
    return known ? CLI_FINE : cli_fail(CLI_INPUT, "the log of this database has no player `%s`", options->log.player);
}

int command_wallet(int argc, char **argv)
{
    static const struct argp argp = {
        .options = argp_options,
        .parser = parse_option,
        .args_doc = "--db FILE --player ID",
        .doc = "Says what a player has and may use now: rewards with their state, what is left of them, until when and "
               "under which "
               "terms; gift cards and coupons with their codes; codes that were given or are reserved; missions, "
               "points, levels and "
               "badges.\v"
               "It folds the database's log again from its beginning and changes nothing. All is as of the log's last "
               "instant.",
    };
    struct options options = {0};
    int status = CLI_FINE;
    if (!cli_parse(&argp, argc, argv, &options, &status)) return status;
    struct engine *engine = NULL;
    if (!replay_open(&engine, &options.log, (struct engine_sink){0})) return CLI_USAGE;
    status = look(&options, engine);
    engine_close(engine);
    return status;
}
