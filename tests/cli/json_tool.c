/*
 * json_tool: a strict reader of JSON for shell tests. Not a test itself.
 *
 *     json_tool < file              exit 0 if standard input is one JSON value
 *     json_tool PATH < file         prints the value at PATH (members and indices joined by points, "campaigns.0.name")
 *     json_tool --lines < file      each line is one JSON object; prints how many
 *
 * Exit status: 0 fine, 1 not JSON or nothing at PATH (told on standard error).
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fail_parse(const json_error_t *error, unsigned line)
{
    fprintf(stderr, "not JSON: line %u: %s\n", line > 0 ? line : (unsigned)error->line, error->text);
    return 1;
}

static int check_lines(void)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t size;
    unsigned count = 0;
    while ((size = getline(&line, &room, stdin)) > 0) {
        json_error_t error;
        json_t *value = line[size - 1] == '\n' ? json_loadb(line, (size_t)size, JSON_REJECT_DUPLICATES, &error) : NULL;
        count++;
        if (!json_is_object(value)) {
            json_decref(value);
            free(line);
            return fail_parse(&error, count);
        }
        json_decref(value);
    }
    free(line);
    printf("%u\n", count);
    return 0;
}

static json_t *walk(json_t *value, char *path)
{
    for (char *name = strtok(path, "."); name != NULL && value != NULL; name = strtok(NULL, ".")) {
        value = json_is_array(value) ? json_array_get(value, strtoul(name, NULL, 10)) : json_object_get(value, name);
    }
    return value;
}

static void print_value(const json_t *value)
{
    if (json_is_string(value)) {
        puts(json_string_value(value));
    } else if (json_is_array(value)) {
        printf("%zu\n", json_array_size(value));
    } else {
        json_dumpf(value, stdout, JSON_ENCODE_ANY | JSON_COMPACT);
        putchar('\n');
    }
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--lines") == 0) return check_lines();
    json_error_t error;
    json_t *document = json_loadf(stdin, JSON_REJECT_DUPLICATES, &error);
    if (document == NULL) return fail_parse(&error, 0);
    int status = 0;
    if (argc == 2) {
        const json_t *value = walk(document, argv[1]);
        if (value == NULL) {
            fprintf(stderr, "there is nothing at that path\n");
            status = 1;
        } else {
            print_value(value);
        }
    }
    json_decref(document);
    return status;
}
