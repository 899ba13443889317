/* Plural forms by language. See plural.h. */
#include "vm/plural.h"

static const struct {
    struct text language, categories;
} rows[] = {
#define PLURAL(language, categories) {TEXT_INIT(language), TEXT_INIT(categories)},
#include "spec/plurals.def"
#undef PLURAL
};

struct text plural_categories(struct text locale)
{
    uint32_t end = 0;
    while (end < locale.size && locale.at[end] != '-' && locale.at[end] != '_') end++;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (text_equal(rows[i].language, text_slice(locale, 0, end))) return rows[i].categories;
    }
    return TEXT("");
}

uint32_t plural_count(struct text locale)
{
    const struct text list = plural_categories(locale);
    uint32_t count = list.size > 0 ? 1 : 0;
    for (uint32_t i = 0; i < list.size; i++) count += list.at[i] == ' ';
    return count;
}

uint32_t plural_form(struct text locale, struct text category, uint32_t count)
{
    const struct text list = plural_categories(locale);
    uint32_t form = 0;
    for (uint32_t at = 0; at < list.size; form++) {
        const uint32_t end = text_find(list, ' ', at);
        if (text_equal(text_slice(list, at, end - at), category) && form < count) return form;
        at = end + 1;
    }
    return count > 0 ? count - 1 : 0;
}
