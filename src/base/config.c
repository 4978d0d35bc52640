#include "base/config.h"

#include "base/buf.h"
#include "base/input.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum err read_all(struct str path, struct arena *arena, struct fault *fault,
                         struct str *content)
{
    struct input *input = NULL;
    struct str part;
    struct buf text;
    buf_init(&text, arena, CONFIG_BYTES_MAX);
    TRY(input_open(path, fault, &input));
    enum err err = input_next(input, &part);
    while (err == ERR_NONE && part.len > 0) {
        buf_add(&text, part);
        err = input_next(input, &part);
    }
    input_close(input);
    TRY(err);
    if (!buf_ok(&text))
        return fault_set(fault, ERR_INVALID, "%.*s: a configuration of more than %d bytes",
                         STR_ARG(path), CONFIG_BYTES_MAX);
    *content = buf_str(&text);
    return ERR_NONE;
}

static const char *env_of(struct arena *arena, struct str name)
{
    char *env = arena_alloc(arena, sizeof "BILLOW_" + name.len);
    snprintf(env, sizeof "BILLOW_" + name.len, "BILLOW_%.*s", STR_ARG(name));
    for (char *c = env; *c != '\0'; c++) {
        if (*c == '-')
            *c = '_';
        else if (*c >= 'a' && *c <= 'z')
            *c = (char)(*c - 'a' + 'A');
    }
    return env;
}

static bool is_known(const char *const *names, struct str name)
{
    for (; *names != NULL; names++) {
        if (str_eq(str_of(*names), name))
            return true;
    }
    return false;
}

static struct str all_names(struct arena *arena, const char *const *names)
{
    struct buf text;
    buf_init(&text, arena, 4096);
    for (size_t i = 0; names[i] != NULL; i++)
        buf_fmt(&text, "%s%s", i > 0 ? ", " : "", names[i]);
    return buf_str(&text);
}

static enum err take_line(struct config *config, struct str line, const char *const *names,
                          struct arena *arena, struct fault *fault)
{
    struct str value = line;
    struct str name;
    if (str_find(line, '=') < 0)
        return fault_set(fault, ERR_INVALID, "\"%.*s\" is no NAME = VALUE", STR_ARG(line));
    str_split(&value, '=', &name);
    name = str_trim(name);
    if (!is_known(names, name))
        return fault_set(fault, ERR_INVALID, "%.*s is no setting; known are %.*s", STR_ARG(name),
                         STR_ARG(all_names(arena, names)));
    if (!str_is_null(config_get(config, arena_cstr(arena, name))))
        return fault_set(fault, ERR_INVALID, "%.*s stands there twice", STR_ARG(name));
    if (config->count == CONFIG_SETTINGS_MAX)
        return fault_set(fault, ERR_INVALID, "more than %d settings", CONFIG_SETTINGS_MAX);
    config->settings[config->count++] =
        (struct config_setting){name, str_trim(value), env_of(arena, name)};
    return ERR_NONE;
}

enum err config_read(struct str path, const char *const *names, struct arena *arena,
                     struct fault *fault, struct config *config)
{
    struct str rest;
    struct str line;
    *config = (struct config){.count = 0};
    TRY(read_all(path, arena, fault, &rest));
    for (int number = 1; str_split(&rest, '\n', &line); number++) {
        line = str_trim(line);
        if (line.len == 0 || line.ptr[0] == '#')
            continue;
        enum err err = str_is_text(line) ? take_line(config, line, names, arena, fault)
                                         : fault_set(fault, ERR_INVALID, "no UTF-8 text");
        if (err != ERR_NONE)
            return fault_set(fault, err, "%.*s, line %d: %.*s", STR_ARG(path), number,
                             STR_ARG(arena_str(arena, fault->message)));
    }
    return ERR_NONE;
}

void config_apply(const struct config *config)
{
    for (size_t i = 0; i < config->count; i++) {
        char *value = strndup(config->settings[i].value.ptr, config->settings[i].value.len);
        if (value == NULL)
            abort(); /* out of memory ends the process, see base/arena.h */
        /* NOLINTNEXTLINE(concurrency-mt-unsafe): there are no threads yet */
        setenv(config->settings[i].env, value, 0);
        free(value);
    }
}

struct str config_get(const struct config *config, const char *name)
{
    for (size_t i = 0; i < config->count; i++) {
        if (str_eq(config->settings[i].name, str_of(name)))
            return config->settings[i].value;
    }
    return STR_NULL;
}
