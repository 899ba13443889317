/*
 * Whole words in texts of any language: `text contains word "bonus"`.
 *
 * A text is folded: compatibility forms become plain ones, letters lose their case (Unicode's full folding: ß is ss, final sigma is
 * sigma), dotted and dotless i are one letter, what is invisible goes, and whatever is no letter, mark or digit separates words. The
 * words that an author wrote are folded when the program is built, texts when they are judged; both by the tables of utf8proc, whose
 * Unicode version stands in the bundle. Nothing here allocates but words_fold. spec: language.md#words-in-texts
 * Read next: vm/interp.c, which asks words_contain.
 */
#ifndef VM_WORDS_H
#define VM_WORDS_H

#include "vm/buffer.h"
#include "vm/text.h"

#define WORDS_TEXT_BYTES_MAX 1024u /* As long as a field may be; of a longer text the first so many count. */

/* Appends the folded form of what an author wrote: its words with single blanks between. False where it holds no letter or digit, is no
 * UTF-8 or is longer than WORDS_TEXT_BYTES_MAX; memory is buffer_ok()'s matter. Folding twice changes nothing. */
bool words_fold(struct buffer *out, struct text text);

/* Whether the text contains the words (as words_fold made them), in a row and whole. Between words of scripts that are written
 * without blanks (Han, kana, Thai, Lao, Khmer, Burmese) no boundary is asked. False for what is no UTF-8. Safe from any thread. */
bool words_contain(struct text text, struct text folded);

/* "14.0.0": the version of Unicode whose tables fold. */
const char *words_unicode_version(void);

#endif
