/* Instants and zones for tests. Contract: clock_kit.h. */
#include "tests/clock/clock_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "vm/zone.h"

int64_t clock_instant(const char *text)
{
    int64_t instant = 0;
    struct error error = ERROR_NONE;
    if (civil_parse_instant(&instant, text_of(text), &error) != OK) fail_msg("%s", error.message);
    return instant;
}

unsigned clock_zone(const char *name)
{
    int zone = zone_find(text_of(name));
    if (zone < 0) fail_msg("no zone `%s`", name);
    return (unsigned)zone;
}
