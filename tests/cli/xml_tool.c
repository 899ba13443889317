/*
 * xml_tool: is standard input well-formed XML, as far as our reports use it: a declaration, nested elements, quoted attributes,
 * the five entities? Exit 0, or 1 after saying where it is not. Not a test itself.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { DEPTH_MAX = 32, NAME_MAX_SIZE = 64, INPUT_MAX = 1 << 20 };

static char input[INPUT_MAX];
static char open_names[DEPTH_MAX][NAME_MAX_SIZE];

static int fail(const char *at, const char *what)
{
    unsigned line = 1;
    for (const char *c = input; c < at; c++) line += *c == '\n' ? 1 : 0;
    fprintf(stderr, "not XML: line %u: %s\n", line, what);
    return 1;
}

static bool is_entity(const char *at)
{
    static const char *const known[] = {"&lt;", "&gt;", "&amp;", "&quot;", "&apos;"};
    for (unsigned i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strncmp(at, known[i], strlen(known[i])) == 0) return true;
    }
    return false;
}

/* Past the attributes to the `>`; NULL if they are wrong. */
static const char *skip_attributes(const char *at)
{
    while (*at != '\0' && *at != '>' && strncmp(at, "/>", 2) != 0) {
        if (*at == ' ') {
            at++;
            continue;
        }
        at += strspn(at, "abcdefghijklmnopqrstuvwxyz");
        if (at[0] != '=' || at[1] != '"') return NULL;
        for (at += 2; *at != '"'; at++) {
            if (*at == '\0' || *at == '<' || (*at == '&' && !is_entity(at))) return NULL;
        }
        at++;
    }
    return *at == '\0' ? NULL : at;
}

int main(void)
{
    const size_t size = fread(input, 1, INPUT_MAX - 1, stdin);
    input[size] = '\0';
    const char *at = input;
    unsigned depth = 0, roots = 0;
    if (strlen(input) != size) return fail(input + strlen(input), "a NUL byte");
    if (strncmp(at, "<?xml ", 6) != 0 || strstr(at, "?>") == NULL) return fail(at, "no declaration");
    at = strstr(at, "?>") + 2;
    while (*at != '\0') {
        if (*at == '&' && !is_entity(at)) return fail(at, "a bare `&`");
        if (*at != '<') {
            if (depth == 0 && *at != '\n') return fail(at, "text outside the root element");
            if ((unsigned char)*at < 0x20 && *at != '\n' && *at != '\t') return fail(at, "a control character");
            at++;
            continue;
        }
        const bool closes = at[1] == '/';
        const char *name = at + (closes ? 2 : 1);
        const size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz");
        if (length == 0 || length >= NAME_MAX_SIZE) return fail(at, "no element name");
        const char *end = closes ? name + length : skip_attributes(name + length);
        if (end == NULL || (closes && *end != '>')) return fail(at, "the element is not written right");
        if (closes) {
            if (depth == 0 || strlen(open_names[depth - 1]) != length ||
                strncmp(open_names[depth - 1], name, length) != 0) {
                return fail(at, "closes what is not open");
            }
            depth--;
        } else {
            roots += depth == 0 ? 1 : 0;
            if (*end != '/') {
                if (depth == DEPTH_MAX) return fail(at, "too deep");
                memcpy(open_names[depth], name, length);
                open_names[depth++][length] = '\0';
            }
        }
        at = strchr(end, '>') + 1;
    }
    return depth > 0 || roots != 1 ? fail(at, "not one closed root element") : 0;
}
