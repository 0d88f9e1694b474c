/* Fills a temporary file until a write fails, and says where that was. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(void) {
    FILE *file = fopen("/tmp/full", "w+");
    if (file == NULL) {
        perror("/tmp/full");
        return 1;
    }
    unlink("/tmp/full");
    setvbuf(file, NULL, _IONBF, 0);
    char piece[4096];
    memset(piece, 7, sizeof piece);
    while (fwrite(piece, 1, sizeof piece, file) == sizeof piece) {
    }
    printf("%ld bytes, then: %s\n", ftell(file), strerror(errno));
    return fclose(file) == 0 ? 0 : 1;
}
