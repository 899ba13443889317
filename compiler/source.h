/*
 * source: the bytes of one campaign file, and positions in them.
 *
 * A source owns its text followed by one NUL, because the lexer reads up to that NUL and
 * nothing else. Positions everywhere are byte offsets; a line and a column are worked out
 * only when a person is to read them.
 *
 * It does not read files: the compiler is bytes in, bundle and messages out.
 * Next: compiler/lexer.h.
 */
#ifndef PROMO_COMPILER_SOURCE_H
#define PROMO_COMPILER_SOURCE_H

#include <stdint.h>

#include "vm/arena.h"
#include "vm/buffer.h"
#include "vm/status.h"
#include "vm/text.h"

/* Half-open range of bytes [start, end) in the source whose `file` number this is. */
struct span {
    uint32_t file;
    uint32_t start;
    uint32_t end;
};

struct source {
    uint32_t file;         /* its index in a source_set, and in every span */
    struct text name;      /* as messages show it, for instance `campaigns/welcome.promo` */
    struct text text;      /* the bytes; one NUL follows them and is not counted */
    uint32_t *line_starts; /* offset of the first byte of each line */
    uint32_t line_count;   /* at least 1 */
};

/* How files that campaign files name are read (the bodies of messages); the compiler itself opens none. */
struct compiler_reader {
    /* The bytes of the file at `path`, as the names of sources are written, into `out` (empty before). False where it cannot be read. */
    bool (*read)(void *context, struct text path, struct buffer *out);
    void *context; /* read NULL: no file can be read */
};

/* A line and a column as people count them: from 1; a column counts characters, not bytes. */
struct source_position {
    uint32_t line;
    uint32_t column;
};

/* All sources of one compilation, in the order of their `file` numbers. */
struct source_set {
    struct arena *arena;
    struct source **sources;
    uint32_t count;
    uint32_t capacity;
};

/* An empty set whose sources will live in `arena`. */
void source_set_init(struct source_set *set, struct arena *arena);

/*
 * Copies `bytes` into the arena of the set and gives the new source the next file number.
 * STATUS_LIMIT: the file is larger than the limit of one source; STATUS_NO_MEMORY.
 * The source lives as long as the arena.
 */
enum status source_set_add(struct source **out, struct source_set *set, struct text name, struct text bytes,
                           struct error *error) MUST_CHECK;

/* The source of a file number, or NULL where the set has none. */
const struct source *source_set_get(const struct source_set *set, uint32_t file);

/* Line and column of a byte offset; an offset past the end counts as the end. */
struct source_position source_position_of(const struct source *source, uint32_t offset);

/* The text of a line (from 1) without its line end; empty where there is no such line. */
struct text source_line(const struct source *source, uint32_t line);

/* The bytes that a span covers. */
struct text source_slice(const struct source *source, struct span span);

/* The smallest span that covers both; they are of one file, the file of `first`. */
struct span span_join(struct span first, struct span last);

#endif
