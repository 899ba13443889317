/*
 * A build-time program: prints the files named on its command line as a C table (compiler/stdlib_files.h), so that the
 * standard library is part of the program. It runs on the machine that builds and is part of no library.
 */
#include <stdio.h>
#include <stdlib.h>

static int print_file(unsigned index, const char *name)
{
    FILE *file = fopen(name, "rb");
    if (file == NULL) {
        fprintf(stderr, "stdlib_generate: cannot open `%s`\n", name);
        return 1;
    }
    unsigned long size = 0;
    int byte;
    printf("static const unsigned char bytes_%u[] = {", index);
    while ((byte = getc(file)) != EOF) {
        printf("%s%d,", size % 32 == 0 ? "\n" : "", byte);
        size++;
    }
    printf("\n0};\nenum { size_%u = %lu };\n", index, size);
    int failed = ferror(file);
    fclose(file);
    return failed;
}

int main(int argument_count, char **arguments)
{
    printf("/* Generated from stdlib/ by compiler/stdlib_generate.c. */\n#include \"compiler/stdlib_files.h\"\n");
    for (int index = 1; index < argument_count; index++) {
        if (print_file((unsigned)index, arguments[index]) != 0) return 1;
    }
    printf("const struct stdlib_file stdlib_files[] = {\n");
    for (int index = 1; index < argument_count; index++) {
        printf("{\"%s\", (const char *)bytes_%d, size_%d},\n", arguments[index], index, index);
    }
    printf("{0, 0, 0}};\nconst unsigned stdlib_file_count = %d;\n", argument_count - 1);
    return 0;
}
