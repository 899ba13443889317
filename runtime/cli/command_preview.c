/*
 * promo preview: a message as its reader sees it, each channel in each locale, on the screen or in files.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "runtime/cli/cli.h"
#include "runtime/cli/compile.h"
#include "runtime/cli/replay.h"
#include "runtime/lab/preview.h"
#include "vm/bundle.h"
#include "vm/verify.h"
#include "vm/zone.h"

enum { GIVEN_MOST = 64 };

struct options {
    const char *path, *message;
    const char *database, *player, *brand, *identity_key;
    const char *locale, *channel, *out;
    const char *given[GIVEN_MOST]; /* NAME=VALUE */
    uint32_t given_count;
};

static const struct argp_option argp_options[] = {
    {"locale", 'l', "LOCALE", 0, "Only as readers of this locale see it", 0},
    {"channel", 'c', "NAME", 0, "Only this channel", 0},
    {"out", 'o', "FOLDER", 0, "Files in this folder instead of the screen: .html and .txt", 0},
    {"value", 'v', "NAME=VALUE", 0, "A value, as in deposit.amount=\"25.00 EUR\"; may be repeated", 0},
    {"db", 'd', "FILE", 0, "The database of `promo run --db`, for --player", 0},
    {"player", 'p', "ID", 0, "With what this player was sent last, or with what is known of the player", 0},
    {"brand", 'b', "NAME", 0, "The player's brand, where there are several", 0},
    {"identity-key", 300, "FILE", 0, "The key of the runs, if they had one", 0},
    {0},
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct options *options = state->input;
    switch (key) {
    case 'l': options->locale = argument; return 0;
    case 'c': options->channel = argument; return 0;
    case 'o': options->out = argument; return 0;
    case 'd': options->database = argument; return 0;
    case 'p': options->player = argument; return 0;
    case 'b': options->brand = argument; return 0;
    case 300: options->identity_key = argument; return 0;
    case 'v':
        if (strchr(argument, '=') == NULL)
            argp_error(state, "`%s` is not written like deposit.amount=\"25.00 EUR\"", argument);
        if (options->given_count == GIVEN_MOST) argp_error(state, "more than %d values", GIVEN_MOST);
        options->given[options->given_count++] = argument;
        return 0;
    case ARGP_KEY_ARG:
        if (options->path == NULL)
            options->path = argument;
        else if (options->message == NULL)
            options->message = argument;
        else
            argp_error(state, "one message at a time: `%s` is a second one", argument);
        return 0;
    case ARGP_KEY_END:
        if (options->path == NULL) argp_error(state, "name the project or bundle, and a message");
        if ((options->player == NULL) != (options->database == NULL))
            argp_error(state, "--player and --db go together: the player's data is in the database");
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

/* A name as part of a file's name. */
static void put_file_part(struct buffer *out, struct text name)
{
    for (uint32_t i = 0; i < name.size; i++) {
        const char byte = name.at[i];
        const bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                           (byte >= '0' && byte <= '9') || byte == '-' || byte == '_';
        buffer_u8(out, plain ? (uint8_t)byte : (uint8_t)'-');
    }
}

static int write_file(const struct options *options, struct text message, struct text channel, struct text locale,
                      const char *ending, struct text bytes)
{
    struct buffer path = BUFFER_EMPTY;
    buffer_string(&path, options->out);
    buffer_u8(&path, '/');
    put_file_part(&path, message);
    buffer_u8(&path, '.');
    put_file_part(&path, channel);
    buffer_u8(&path, '.');
    put_file_part(&path, locale);
    buffer_string(&path, ending);
    const bool fine = cli_write(buffer_as_string(&path), bytes);
    if (fine) printf("%s\n", buffer_as_string(&path));
    buffer_deinit(&path);
    return fine ? CLI_FINE : CLI_USAGE;
}

static void put_sms(struct buffer *out, const struct sms *sms)
{
    buffer_print(out, "%u %s, %u of %u characters, %s", sms->parts, sms->parts == 1 ? "part" : "parts", sms->units,
                 sms->parts * sms_room(sms->is_wide, sms->parts), sms->is_wide ? "UCS-2" : "GSM-7");
}

static int show(const struct options *options, const struct preview *preview, struct text channel, struct text locale)
{
    struct rendered rendered;
    struct error error = ERROR_NONE;
    const struct program *program = preview->program;
    const struct render_request request = {.program = program,
                                           .message = preview->message,
                                           .channel = channel,
                                           .locale = locale,
                                           .campaign = preview->campaign,
                                           .values = preview->values,
                                           .value_count = preview->count,
                                           .effect = preview->effect,
                                           .zone = zone_find_or_utc(program_text(program, program->workspace->zone))};
    int status = CLI_FINE;
    if (render_message(&rendered, &request, &error) != OK) {
        status = cli_fail(CLI_INPUT, "%s", error.message);
    } else if (options->out != NULL) {
        struct buffer text = BUFFER_EMPTY;
        if (rendered.subject.size > 0) {
            buffer_string(&text, "Subject: ");
            buffer_text(&text, buffer_as_text(&rendered.subject));
            buffer_string(&text, "\n\n");
        }
        buffer_text(&text, buffer_as_text(&rendered.text));
        if (text.size > 0 && text.bytes[text.size - 1] != '\n') buffer_u8(&text, '\n');
        if (rendered.html.size > 0)
            status = write_file(options, preview->message, channel, locale, ".html", buffer_as_text(&rendered.html));
        if (status == CLI_FINE)
            status = write_file(options, preview->message, channel, locale, ".txt", buffer_as_text(&text));
        buffer_deinit(&text);
    } else {
        struct buffer out = BUFFER_EMPTY;
        buffer_print(&out, "%.*s, %.*s", TEXT_ARGS(channel), TEXT_ARGS(locale));
        if (text_equal(channel, TEXT("sms"))) {
            buffer_string(&out, ": ");
            put_sms(&out, &rendered.sms);
        }
        if (rendered.subject.size > 0)
            buffer_print(&out, "\n  Subject: %.*s", TEXT_ARGS(buffer_as_text(&rendered.subject)));
        const struct text text = buffer_as_text(&rendered.text);
        for (uint32_t at = 0; at < text.size;) {
            const uint32_t end = text_find(text, '\n', at);
            buffer_string(&out, end > at ? "\n  " : "\n");
            buffer_text(&out, text_slice(text, at, end - at));
            at = end + 1;
        }
        buffer_string(&out, "\n\n");
        cli_print(stdout, &out);
        buffer_deinit(&out);
    }
    render_release(&rendered);
    return status;
}

static int show_all(const struct options *options, const struct preview *preview)
{
    const struct program *program = preview->program;
    const struct bundle_message *message = &program->message[render_find(program, preview->message)];
    bool shown = false;
    for (uint32_t i = 0; i < message->body_count; i++) {
        const struct bundle_body *body = &program->body[message->body_first + i];
        const struct text channel = program_text(program, program->channel[body->channel].name);
        const struct text locale = program_text(program, body->locale);
        if (body->format == BODY_SUBJECT) continue;
        if (options->channel != NULL && !text_equal(channel, text_of(options->channel))) continue;
        if (options->locale != NULL && !text_equal(locale, text_of(options->locale))) continue;
        const int status = show(options, preview, channel, locale);
        if (status != CLI_FINE) return status;
        shown = true;
    }
    if (shown) return CLI_FINE;
    return cli_fail(CLI_INPUT, "the message `%.*s` has no body%s%s%s%s", TEXT_ARGS(preview->message),
                    options->channel != NULL ? " for " : "", options->channel != NULL ? options->channel : "",
                    options->locale != NULL ? " in " : "", options->locale != NULL ? options->locale : "");
}

static int unknown_message(const struct program *program, const char *name)
{
    cli_fail(CLI_INPUT, "there is no message `%s`", name);
    for (uint32_t i = 0; i < program->message_count; i++) {
        const struct text candidate = program_text(program, program->message[i].name);
        if (text_distance(text_of(name), candidate, 3) <= 3) {
            cli_hint("did you mean `%.*s`?", TEXT_ARGS(candidate));
            return CLI_INPUT;
        }
    }
    cli_hint("leave the name out to see all of them");
    return CLI_INPUT;
}

static int preview_message(const struct options *options, const struct program *program, struct arena *arena)
{
    static const uint8_t sample_id[16] = {1};
    struct preview preview = {.arena = arena,
                              .program = program,
                              .message = text_of(options->message),
                              .player = text_of(options->player != NULL ? options->player : ""),
                              .brand = text_of(options->brand != NULL ? options->brand : "")};
    memcpy(preview.effect, sample_id, sizeof sample_id);
    if (render_find(program, preview.message) == PROGRAM_NONE) return unknown_message(program, options->message);
    struct engine *engine = NULL;
    if (options->database != NULL) {
        const struct replay_options log = {.database = options->database, .identity_key = options->identity_key};
        if (!replay_open(&engine, &log, preview_sink(&preview))) return CLI_USAGE;
        struct engine_player_view view;
        if (!engine_find_player(engine, preview.brand, preview.player, &view)) {
            engine_close(engine);
            return cli_fail(CLI_INPUT, "nothing is known of a player `%s`", options->player);
        }
        if (!preview.was_sent)
            fprintf(stderr, "promo: `%s` was never sent to `%s`: what it reads of events is made up\n",
                    options->message, options->player);
    }
    for (uint32_t i = 0; i < options->given_count; i++) {
        const struct text given = text_of(options->given[i]);
        const uint32_t equals = text_find(given, '=', 0);
        (void)preview_set(&preview, text_slice(given, 0, equals), text_slice(given, equals + 1, given.size));
    }
    preview_fill(&preview, engine);
    if (engine != NULL) engine_close(engine);
    if (arena->failed) return cli_fail(CLI_USAGE, "memory is out");
    if (options->out != NULL && mkdir(options->out, 0777) != 0 && errno != EEXIST)
        return cli_fail(CLI_USAGE, "`%s` could not be made: %s", options->out, strerror(errno));
    return show_all(options, &preview);
}

int command_preview(int argc, char **argv)
{
    static const struct argp argp = {
        .options = argp_options,
        .parser = parse_option,
        .args_doc = "PATH [MESSAGE]",
        .doc = "Shows a message as its reader sees it, in every channel and locale that it has: holes filled, amounts "
               "and dates as "
               "the locale writes them, links as they lead. Without a message it names those of the project.\v"
               "Values are samples, unless --value gives one, or --player says whose: then they are those of the "
               "latest sending to "
               "that player, or what is known of the player.",
    };
    struct options options = {0};
    int status = CLI_FINE;
    if (!cli_parse(&argp, argc, argv, &options, &status)) return status;
    struct buffer bundle = BUFFER_EMPTY;
    struct program program;
    struct error error = ERROR_NONE;
    struct arena arena;
    status = compile_bundle(&bundle, options.path);
    if (status != CLI_FINE) {
        buffer_deinit(&bundle);
        return status;
    }
    arena_init(&arena, 64u << 20);
    if (bundle_open(&program, bundle.bytes, bundle.size, &error) != OK || verify_program(&program, &error) != OK) {
        status = cli_fail(CLI_INPUT, "`%s` is refused: %s", options.path, error.message);
    } else if (options.message == NULL) {
        for (uint32_t i = 0; i < program.message_count; i++)
            printf("%.*s\n", TEXT_ARGS(program_text(&program, program.message[i].name)));
    } else {
        status = preview_message(&options, &program, &arena);
    }
    arena_deinit(&arena);
    buffer_deinit(&bundle);
    return status;
}
