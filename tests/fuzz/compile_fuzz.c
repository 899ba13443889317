/*
 * libFuzzer target: any bytes are a campaign file. It is compiled with the standard library; what compiles must verify, must
 * come out byte for byte the same a second time, and is run from every entry (tests/fuzz/bundle_kit.h).
 *
 * A bundle that the verifier refuses is a defect of the compiler and ends the run. Next: compiler/compiler.h.
 */
#include <stdlib.h>

#include "compiler/compiler.h"
#include "tests/fuzz/bundle_kit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool compile(struct buffer *bundle, const uint8_t *data, size_t size)
{
    struct compiler_input input = {TEXT("fuzz.promo"), text_make((const char *)data, size)};
    struct compiler_output output;
    struct error error = ERROR_NONE;
    enum status status =
        compiler_compile(&output, &input, 1, (struct compiler_options){.default_name = TEXT("fuzz")}, &error);
    if (status == STATUS_REFUSED) abort();
    bool compiled = status == OK && !output.failed;
    if (compiled && output.bundle.size == 0) abort();
    if (compiled) buffer_append(bundle, output.bundle.bytes, output.bundle.size);
    struct buffer words = BUFFER_EMPTY;
    if (status == OK) diagnostics_render(&output.diagnostics, DIAGNOSTIC_TEXT, &words);
    buffer_deinit(&words);
    compiler_release(&output);
    return compiled;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer first = BUFFER_EMPTY;
    struct buffer second = BUFFER_EMPTY;
    if (size > 65536) return -1;
    if (compile(&first, data, size)) {
        if (!compile(&second, data, size) || !text_equal(buffer_as_text(&first), buffer_as_text(&second))) abort();
        if (!bundle_kit_try(first.bytes, first.size, size)) abort();
    }
    buffer_deinit(&first);
    buffer_deinit(&second);
    return 0;
}
