/*
 * Prints the reference pages of spec/reference/ from the tables: `build/tool/reference FOLDER`. Not part of the program;
 * `make tidy` prints them anew and compares, so a page can never say something else than the code.
 *
 * To add a page: a function that prints it, and a row in `pages`.
 */
#include <stdio.h>
#include <string.h>

#define TEXT_OF(x) #x

static void head(FILE *out, const char *title, const char *source, const char *words)
{
    fprintf(out, "# %s\n\n", title);
    fprintf(out,
            "<!-- Printed by spec/reference.c from spec/%s; change that, then run `make build/tool/reference && "
            "build/tool/reference spec/reference`. -->\n\n",
            source);
    fprintf(out, "%s\n\n", words);
}

/* Table cells: a bar would end the cell. */
static void cell(FILE *out, const char *text)
{
    for (; *text != 0; text++) {
        if (*text == '|') fputc('\\', out);
        fputc(*text, out);
    }
}

/* ---------------------------------------------------------------- pages */

static void operand(FILE *out, const char *name, const char *kind, const char **separator)
{
    if (strcmp(kind, "ZERO") == 0) return;
    fprintf(out, "%s%s %s", *separator, name, kind);
    *separator = ", ";
}

static void print_opcode(FILE *out, int number, const char *name, const char *a, const char *b, const char *c,
                         const char *imm, const char *sentence)
{
    const char *separator = "";
    fprintf(out, "| %d | `%s` | ", number, name);
    operand(out, "a", a, &separator);
    operand(out, "b", b, &separator);
    operand(out, "c", c, &separator);
    operand(out, "imm", imm, &separator);
    fprintf(out, " | ");
    cell(out, sentence);
    fprintf(out, " |\n");
}

static void opcodes(FILE *out)
{
    head(out, "Instructions", "opcodes.def",
         "An instruction has 16 bytes: number, a, b, c (2 bytes each) and imm (8 bytes). An operand that is not "
         "mentioned must be zero.\n"
         "What the kinds of operands ask for, and what else is proven before code may run, stands in "
         "[bytecode.md](../bytecode.md).");
    fprintf(out, "| Number | Name | Operands | Effect |\n|---|---|---|---|\n");
#define OPCODE(number, NAME, a, b, c, imm, sentence) \
    print_opcode(out, number, TEXT_OF(NAME), TEXT_OF(a), TEXT_OF(b), TEXT_OF(c), TEXT_OF(imm), sentence);
#include "spec/opcodes.def"
#undef OPCODE
}

struct field_row {
    const char *kind;
    const char *argument;
    const char *field;
    const char *sentence;
};
#define FIELD(kind, argument, field, sentence) {TEXT_OF(kind), TEXT_OF(argument), TEXT_OF(field), sentence},

static void print_section(FILE *out, int number, const char *name, const char *lower, const char *criticality,
                          const char *sentence, const struct field_row *fields)
{
    fprintf(out, "## %d %s\n\n", number, name);
    cell(out, sentence);
    fprintf(out, " %s; records are `%s`.\n\n", strcmp(criticality, "CRITICAL") == 0 ? "Critical" : "Debug only", lower);
    if (fields->kind == NULL) return;
    fprintf(out, "| Field | Kind | Meaning |\n|---|---|---|\n");
    for (; fields->kind != NULL; fields++) {
        fprintf(out, "| `%s` | %s%s%s | ", fields->field, fields->kind, strcmp(fields->argument, "0") == 0 ? "" : " ",
                strcmp(fields->argument, "0") == 0 ? "" : fields->argument);
        cell(out, fields->sentence);
        fprintf(out, " |\n");
    }
    fprintf(out, "\n");
}

/* The first inclusion only brings the macros of the records. */
#include "spec/bundle.def"
#define BUNDLE_BYTES(F)
#define BUNDLE_WORD(F)
#define BUNDLE_CODE(F)

static void bundle(FILE *out)
{
    head(out, "Sections of a bundle", "bundle.def",
         "A section is an array of records of one size; the file around them is drawn in [bundle.md](../bundle.md).\n"
         "Kinds of fields: I64 any signed 8-byte number; NUMBER any unsigned 4-byte number; ZERO must be zero; FLAG 0 "
         "or 1; ENUM below a count;\n"
         "TEXT an index into STRING; INDEX an index into the section named; FIRST and COUNT a range in it; PC an "
         "instruction. `_OR_NONE` allows 4,294,967,295.");
#define SECTION(number, NAME, name, criticality, sentence)                                              \
    {                                                                                                   \
        static const struct field_row rows[] = {BUNDLE_##NAME(FIELD){NULL, NULL, NULL, NULL}};          \
        print_section(out, number, TEXT_OF(NAME), TEXT_OF(name), TEXT_OF(criticality), sentence, rows); \
    }
#include "spec/bundle.def"
}

static void print_grouped(FILE *out, long long value)
{
    char digits[32];
    int size = snprintf(digits, sizeof digits, "%lld", value);
    for (int i = 0; i < size; i++) {
        if (i > 0 && (size - i) % 3 == 0) fputc(',', out);
        fputc(digits[i], out);
    }
}

static void limits(FILE *out)
{
    head(out, "Limits", "limits.def",
         "Every limit of the program. Beyond one there is a message that names it, never a crash and never silence.");
    fprintf(out, "| Name | Limit | What |\n|---|---|---|\n");
#define LIMIT(name, value, unit, sentence)    \
    fprintf(out, "| `%s` | ", TEXT_OF(name)); \
    print_grouped(out, value);                \
    fprintf(out, " %s | ", TEXT_OF(unit));    \
    cell(out, sentence);                      \
    fprintf(out, " |\n");
#include "spec/limits.def"
#undef LIMIT
}

static void reasons(FILE *out)
{
    head(out, "Reasons", "reasons.def",
         "Why something was not done. `expect … because NAME` matches the name; `promo explain` prints the sentence.");
    fprintf(out, "| Number | Name | In words |\n|---|---|---|\n");
#define REASON(number, NAME, sentence)                     \
    fprintf(out, "| %d | `%s` | ", number, TEXT_OF(NAME)); \
    cell(out, sentence);                                   \
    fprintf(out, " |\n");
#include "spec/reasons.def"
#undef REASON
}

static void roles(FILE *out)
{
    head(out, "Events of the engine", "roles.def",
         "Events that the engine makes, answers or hears. A project that declares one of these names gives it the "
         "fields that are marked "
         "with a star, in the type that stands here.");
    fprintf(out, "| Number | Event | | What |\n|---|---|---|---|\n");
#define ROLE(number, NAME, event, direction, sentence)                      \
    fprintf(out, "| %d | `%s` | %s | ", number, event, TEXT_OF(direction)); \
    cell(out, sentence);                                                    \
    fprintf(out, " |\n");
#define ROLE_FIELD(NAME, number, field, TYPE, need) \
    fprintf(out, "| | `.%s`%s | %s | |\n", field, TEXT_OF(need)[0] == 'N' ? " *" : "", TEXT_OF(TYPE));
#include "spec/roles.def"
}

static void types(FILE *out)
{
    head(out, "Types", "types.def", "Every value is one signed 8-byte number while it is worked with.");
    fprintf(out, "| Number | Name | In messages | As a number |\n|---|---|---|---|\n");
#define TYPE(number, NAME, word, sentence)                            \
    fprintf(out, "| %d | `%s` | %s | ", number, TEXT_OF(NAME), word); \
    cell(out, sentence);                                              \
    fprintf(out, " |\n");
#include "spec/types.def"
#undef TYPE
}

static void diagnostics(FILE *out)
{
    head(out, "Messages of the compiler", "diagnostics.def",
         "`{0}`, `{1}` … stand for the author's own words. An `E` stops the build, a `W` warns.");
    fprintf(out, "| Code | Message | How to mend it |\n|---|---|---|\n");
#define DIAGNOSTIC(number, severity, NAME, message, help)                         \
    fprintf(out, "| %c%04d | ", TEXT_OF(severity)[0] == 'W' ? 'W' : 'E', number); \
    cell(out, message);                                                           \
    fprintf(out, " | ");                                                          \
    cell(out, help);                                                              \
    fprintf(out, " |\n");
#include "spec/diagnostics.def"
#undef DIAGNOSTIC
}

static const struct page {
    const char *name;
    void (*print)(FILE *out);
} pages[] = {
    {"opcodes.md", opcodes}, {"bundle.md", bundle},           {"limits.md", limits}, {"reasons.md", reasons},
    {"types.md", types},     {"diagnostics.md", diagnostics}, {"roles.md", roles},
};

int main(int count, char **arguments)
{
    if (count != 2) {
        fprintf(stderr, "usage: reference FOLDER\n");
        return 2;
    }
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", arguments[1], pages[i].name);
        FILE *out = fopen(path, "wb");
        if (out == NULL) {
            perror(path);
            return 2;
        }
        pages[i].print(out);
        if (fclose(out) != 0) {
            perror(path);
            return 2;
        }
    }
    return 0;
}
