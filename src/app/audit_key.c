#include "app/audit_key.h"

#include "base/buf.h"
#include "base/hash.h"
#include "base/secret_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEXT_BYTES (2 * SIGN_SEED_BYTES)

enum err audit_key_parse(struct str text, struct fault *fault, struct audit_key *key)
{
    unsigned char seed[SIGN_SEED_BYTES];
    if (!sign_parse_hex(str_trim(text), seed, sizeof seed))
        return fault_set(fault, ERR_INVALID,
                         "the audit key is not 64 hex digits (openssl rand -hex 32 makes one)");
    sign_keys(seed, key->secret, key->public_key);
    sign_forget(seed, sizeof seed);
    key->signs = true;
    return ERR_NONE;
}

enum err audit_key_read(const char *path, struct fault *fault, struct audit_key *key)
{
    struct arena arena;
    struct str text = STR_NULL;
    arena_init(&arena);
    enum err err = secret_file_read(path, &arena, fault, &text);
    if (err == ERR_NONE && audit_key_parse(text, fault, key) != ERR_NONE)
        err = fault_set(fault, ERR_INVALID, "%s holds no audit key: wanted 64 hex digits", path);
    if (!str_is_null(text))
        sign_forget((void *)text.ptr, text.len);
    arena_clear(&arena);
    return err;
}

enum err audit_key_make(const char *path, struct fault *fault, struct audit_key *key)
{
    unsigned char seed[SIGN_SEED_BYTES];
    char text[TEXT_BYTES + 1];
    struct buf line;
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0 && errno == EEXIST)
        return audit_key_read(path, fault, key);
    if (file < 0)
        return fault_errno(fault, ERR_IO, str_of(path));
    buf_fixed(&line, text, sizeof text);
    hash_random(seed, sizeof seed);
    buf_hex(&line, seed, sizeof seed);
    enum err err = audit_key_parse(buf_str(&line), fault, key);
    buf_char(&line, '\n');
    if (err == ERR_NONE &&
        (fchmod(file, 0600) != 0 || write(file, line.ptr, line.len) != (ssize_t)line.len ||
         fsync(file) != 0))
        err = fault_errno(fault, ERR_IO, str_of(path));
    if (close(file) != 0 && err == ERR_NONE)
        err = fault_errno(fault, ERR_IO, str_of(path));
    if (err != ERR_NONE)
        unlink(path); /* half a key is none */
    sign_forget(seed, sizeof seed);
    sign_forget(text, sizeof text);
    return err;
}

enum err audit_trust_keys(struct str text, struct fault *fault, struct audit_trust *trust)
{
    struct str part;
    trust->key_count = 0;
    while (str_split(&text, ',', &part)) {
        if (trust->key_count == AUDIT_KEYS_MAX ||
            !sign_parse_hex(str_trim(part), trust->keys[trust->key_count], SIGN_PUBLIC_BYTES))
            return fault_set(fault, ERR_INVALID,
                             "public key %.*s: wanted 64 hex digits; up to %d keys with commas "
                             "between",
                             STR_ARG(part), AUDIT_KEYS_MAX);
        trust->key_count++;
    }
    return ERR_NONE;
}

enum err audit_trust_note(struct str text, struct fault *fault, struct audit_trust *trust)
{
    struct str hash = text;
    struct str number;
    if (!str_split(&hash, ':', &number) || !str_to_int64(number, &trust->noted_number) ||
        trust->noted_number < 1 ||
        !sign_parse_hex(hash, trust->noted_hash, sizeof trust->noted_hash))
        return fault_set(fault, ERR_INVALID,
                         "anchor %.*s: wanted NUMBER:HASH, the hash as 64 hex digits",
                         STR_ARG(text));
    return ERR_NONE;
}

struct str audit_key_path(struct arena *arena, struct str database_url)
{
    struct str sqlite = STR("sqlite:");
    if (!str_starts(database_url, sqlite))
        return STR("billow.audit-key");
    struct str file = str_slice(database_url, sqlite.len, database_url.len);
    if (str_eq(file, STR(":memory:")))
        return STR_NULL;
    return arena_fmt(arena, "%.*s.audit-key", STR_ARG(file));
}
