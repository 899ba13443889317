/*
 * libFuzzer target: any bytes are the body of a message, in every format; its pieces must cover it, and a value that is put in must never
 * become markup. The same bytes are an address, a text message and a page whose words are taken.
 */
#include <stdlib.h>

#include "runtime/channels/render.h"
#include "vm/address.h"
#include "vm/builder.h"
#include "vm/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define VALUE "Zq9<i a=\"b\" c='d'>&`*_[x](javascript:1)\n# {link l}"

static void walk(struct text body, enum body_format format)
{
    struct template template;
    struct template_piece piece;
    uint32_t at = 0;
    template_begin(&template, body, format);
    while (template_next(&piece, &template)) {
        if (piece.start != at || piece.end <= piece.start || piece.end > body.size) abort();
        at = piece.end;
    }
    if (at != body.size) abort();
}

static void build(struct builder *builder, struct text body, enum body_format format)
{
    builder_init(builder);
    builder_add_workspace(builder, &(struct bundle_workspace){.short_links = PROGRAM_NONE,
                                                              .zone_attribute = PROGRAM_NONE,
                                                              .zone = builder_text(builder, TEXT("UTC"))});
    builder_add_channel(builder, &(struct bundle_channel){.name = builder_text(builder, TEXT("email"))});
    builder_add_body(builder, &(struct bundle_body){.locale = builder_text(builder, TEXT("en")),
                                                    .text = builder_text(builder, body),
                                                    .format = format});
    builder_add_body(builder, &(struct bundle_body){.locale = builder_text(builder, TEXT("en")),
                                                    .text = builder_text(builder, body),
                                                    .format = BODY_SUBJECT});
    builder_add_link(builder, &(struct bundle_link){.name = builder_text(builder, TEXT("l")),
                                                    .address = builder_text(builder, TEXT("https://x/?q={a.b}"))});
    builder_add_message(builder, &(struct bundle_message){.name = builder_text(builder, TEXT("m")),
                                                          .about = PROGRAM_NONE,
                                                          .body_count = 2,
                                                          .content = builder_text(builder, TEXT("")),
                                                          .link_count = 1,
                                                          .marks = builder_text(builder, TEXT("utm_source=x"))});
}

/* Whether `what` stands in the buffer. */
static bool holds(const struct buffer *buffer, const char *what)
{
    const size_t size = strlen(what);
    for (size_t i = 0; i + size <= buffer->size; i++) {
        if (memcmp(buffer->bytes + i, what, size) == 0) return true;
    }
    return false;
}

static void render(struct text body, enum body_format format)
{
    struct builder builder;
    struct program program;
    struct rendered rendered;
    struct error error = ERROR_NONE;
    struct render_value values[64];
    uint32_t count = 0;
    struct template template;
    struct template_piece piece;
    template_begin(&template, body, BODY_PLAIN);
    values[count++] = (struct render_value){TEXT("a.b"), TEXT(VALUE)};
    while (template_next(&piece, &template) && count < 64) {
        if (piece.kind == TEMPLATE_VALUE) values[count++] = (struct render_value){piece.inside, TEXT(VALUE)};
    }
    build(&builder, body, format);
    if (builder_program(&program, &builder, &error) != OK) abort();
    const struct render_request request = {.program = &program,
                                           .message = TEXT("m"),
                                           .channel = TEXT("email"),
                                           .locale = TEXT("en"),
                                           .values = values,
                                           .value_count = count};
    if (render_message(&rendered, &request, &error) == OK) {
        if (holds(&rendered.html, "Zq9<") || holds(&rendered.html, "Zq9&lt;i a=\"")) abort();
        if (format == BODY_MARKDOWN &&
            (holds(&rendered.html, "href=\"javascript:") || holds(&rendered.html, "<script")))
            abort();
        if (holds(&rendered.subject, "(javascript:1)\n")) abort();
    }
    render_release(&rendered);
    builder_deinit(&builder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct text body = text_make((const char *)data, size);
    struct buffer out = BUFFER_EMPTY;
    if (size > 8192 || !text_is_utf8(body) || (size > 0 && memchr(data, 0, size) != NULL)) return -1;
    const struct buffer all = {.bytes = (unsigned char *)(uintptr_t)data, .size = size};
    if (holds(&all, "Zq9")) return -1;
    for (int format = BODY_PLAIN; format <= BODY_HTML; format++) {
        walk(body, (enum body_format)format);
        render(body, (enum body_format)format);
    }
    const struct sms sms = sms_measure(body);
    if (sms.parts == 0 || sms.wide_at > body.size || (sms.is_wide != (sms.wide_letter != 0))) abort();
    if (sms.units > sms.parts * sms_room(sms.is_wide, sms.parts)) abort();
    if (sms.is_wide) (void)sms_instead(sms.wide_letter);
    markup_plain(&out, body);
    address_mark(&out, body, TEXT("utm_source=x&utm_medium=y"));
    buffer_deinit(&out);
    return 0;
}
