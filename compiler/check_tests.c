#include "compiler/check_tests.h"
void tests_resolve(struct names *names, const struct program *program, const struct compiled_test **out, uint32_t *count)
{
    (void)names; (void)program; *out = NULL; *count = 0;
}
