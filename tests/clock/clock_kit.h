/* For tests: instants and zones by the texts that people write. A text that is none fails the test. Not a test itself.
 *
 * It needs vm/ alone, so that a test of vm/ does not link an engine (tests/kit/ does).
 */
#ifndef TESTS_CLOCK_CLOCK_KIT_H
#define TESTS_CLOCK_CLOCK_KIT_H

#include <stdint.h>

/* "2026-06-01T10:00:00Z" as milliseconds since 1970 UTC. */
int64_t clock_instant(const char *text);

/* The index of the zone "Europe/Malta". */
unsigned clock_zone(const char *name);

#endif
