/*
 * compiler: from the text of a project to a verified bundle, its messages and its tests.
 *
 * Pure: bytes in, bytes out. It opens no file and asks no clock; the same input gives the same bytes.
 * Stages: parser_parse (compiler/parser.h) -> names (what is declared) -> check and flow (what it means) -> emit (code)
 * -> verify_program (vm/verify.h): what the compiler writes is proven by the same judge as any other bundle.
 */
#ifndef PROMO_COMPILER_COMPILER_H
#define PROMO_COMPILER_COMPILER_H

#include "compiler/compiled_test.h"
#include "compiler/diagnostic.h"
#include "compiler/source.h"
#include "vm/arena.h"
#include "vm/buffer.h"
#include "vm/status.h"

struct names;

/* One file of a project. The bytes are borrowed during the call only. */
struct compiler_input {
    struct text path; /* as messages and the bundle show it; relative to the project */
    struct text bytes;
};

struct compiler_options {
    struct text
        default_name; /* the workspace's name where the project declares none: the folder's or the file's name */
    struct text
        root; /* how paths of the project's folder begin ("examples/hello/"): the bundle leaves it out, so that it
                                * does not depend on where the project stands; messages keep it. May be empty */
    struct compiler_reader reader; /* of bodies of messages that stand in files of their own */
    const struct program *before;  /* the version before, borrowed; NULL: not compared */
    bool check_only;               /* no bundle: messages and tests only */
    uint32_t memory_max;           /* bytes that the compilation may take; 0: LIMIT_COMPILER_ARENA_BYTES */
};

struct compiler_output {
    struct arena arena;        /* everything below but the bundle lives here */
    struct source_set sources; /* the project's files first, then those of the standard library */
    struct diagnostic_list diagnostics;
    struct buffer bundle;   /* empty where there are errors, or with check_only */
    struct program program; /* the compiled program, borrowed from the arena: for names of indices; valid if !failed */
    const struct compiled_test *tests;
    uint32_t test_count;
    const struct names
        *names;  /* the checked trees and what they declare (compiler/names.h), without a builder; NULL if failed */
    bool failed; /* there are errors: no bundle, no tests */
};

/*
 * Compiles a project. OK whatever the text holds: mistakes are in out->diagnostics and out->failed says so.
 * Not OK only for the world's failures (STATUS_NO_MEMORY, STATUS_LIMIT) and for a bundle that the verifier refuses
 * (STATUS_REFUSED, a defect of the compiler), with words in `error`; `out` must be released in
 * either case. The standard library is taken as the workspace's `use` lines say. `count` may be 0 (then there is an error
 * message that says so). Thread rules: any number of threads, each with its own output.
 */
enum status compiler_compile(struct compiler_output *out, const struct compiler_input *files, uint32_t count,
                             struct compiler_options options, struct error *error) MUST_CHECK;

/* Releases what compiler_compile made. */
void compiler_release(struct compiler_output *out);

#endif
