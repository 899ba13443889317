/*
 * rows_tool FILE QUERY: the rows of a table for people, a line each, columns parted by `|`, NULL as `-`. Exit 0, or 1 after saying why not.
 * Not a test itself.
 */
#include <sqlite3.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    sqlite3 *database = NULL;
    sqlite3_stmt *rows = NULL;
    if (argc != 3) {
        fprintf(stderr, "rows_tool FILE QUERY\n");
        return 1;
    }
    int status = sqlite3_open_v2(argv[1], &database, SQLITE_OPEN_READONLY, NULL);
    if (status == SQLITE_OK) status = sqlite3_prepare_v2(database, argv[2], -1, &rows, NULL);
    if (status == SQLITE_OK) {
        while ((status = sqlite3_step(rows)) == SQLITE_ROW) {
            for (int column = 0; column < sqlite3_column_count(rows); column++) {
                const char *text = (const char *)sqlite3_column_text(rows, column);
                printf("%s%s", column > 0 ? "|" : "", text == NULL ? "-" : text);
            }
            putchar('\n');
        }
    }
    if (status != SQLITE_DONE) fprintf(stderr, "%s\n", sqlite3_errmsg(database));
    (void)sqlite3_finalize(rows);
    (void)sqlite3_close(database);
    return status == SQLITE_DONE ? 0 : 1;
}
