/* replay.c - a fuzz target as a test: goes through its corpus, or through the files it is given.
 *
 * Each input also comes cut short at every length up to 64 bytes, and with single bytes changed by
 * a printed seed, so that the test says a little even of what no one has found yet. */
#include "base/arena.h"
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#define FILE_BYTES_MAX ((size_t)1 << 20)
#define CUT_MAX        64
#define CHANGES        20 /* of each input */

static uint64_t state;

/* splitmix64 */
static uint64_t draw(void)
{
    uint64_t x = state += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/* In memory of exactly its size, so that the sanitizer sees a step over the end. */
static void play(struct arena *arena, const char *bytes, size_t len)
{
    char *exact = malloc(len > 0 ? len : 1);
    if (exact == NULL)
        abort();
    memcpy(exact, bytes, len);
    fuzz_one(arena, (struct str){exact, len});
    arena_reset(arena);
    free(exact);
}

static void play_file(struct arena *arena, const char *path)
{
    static char bytes[FILE_BYTES_MAX];
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fprintf(stderr, "%s: can't be opened\n", path);
        abort();
    }
    size_t len = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    fprintf(stderr, "%s\n", path); /* the last line before a crash names the input */
    play(arena, bytes, len);
    for (size_t cut = 0; cut < len && cut < CUT_MAX; cut++)
        play(arena, bytes, cut);
    for (int i = 0; i < CHANGES && len > 0; i++) {
        size_t at = (size_t)(draw() % len);
        char was = bytes[at];
        bytes[at] = (char)draw();
        play(arena, bytes, len);
        bytes[at] = was;
    }
}

static int play_folder(struct arena *arena, const char *folder)
{
    int count = 0;
    DIR *dir = opendir(folder);
    if (dir == NULL) {
        fprintf(stderr, "%s: no such folder\n", folder);
        abort();
    }
    // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        char path[4096];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        play_file(arena, path);
        count++;
    }
    closedir(dir);
    return count;
}

int main(int argc, char **argv)
{
    struct arena arena;
    int count = 0;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread
    const char *seed = getenv("SEED");
    uint64_t seeded = seed != NULL ? strtoull(seed, NULL, 10) : (uint64_t)time(NULL);
    state = seeded;
    printf("SEED=%" PRIu64 "\n", seeded);
    fflush(stdout);
    arena_init(&arena);
    for (int i = 1; i < argc; i++, count++)
        play_file(&arena, argv[i]);
    if (argc < 2)
        count = play_folder(&arena, FUZZ_CORPUS);
    arena_clear(&arena);
    printf("%d passed, %d failed\n", count, count == 0);
    return count == 0;
}
