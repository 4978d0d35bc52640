#include "cli/settings.h"

#include "base/config.h"
#include "base/log.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

static const char *const names[] = {"database",
                                    "listen",
                                    "log",
                                    "log-level",
                                    "stop-timeout",
                                    "rate-limit",
                                    "event-rate-limit",
                                    "audit-key-file",
                                    "public-url",
                                    "smtp-url",
                                    "smtp-password-file",
                                    "smtp-ca-file",
                                    "mail-from",
                                    "mail-folder",
                                    "webhook-reach",
                                    "sandbox-gateway-url",
                                    "sandbox-gateway-key-file",
                                    "sandbox-gateway-secret-file",
                                    NULL};

/* For settings_reload; set once, before there are threads. */
static const char *config_path;

/* What is read again, with what the environment itself says, which goes first. */
static struct {
    const char *name, *env;
    char *said; /* NULL: nothing */
} again[] = {
    {"log", "BILLOW_LOG", NULL},
    {"log-level", "BILLOW_LOG_LEVEL", NULL},
    {"rate-limit", "BILLOW_RATE_LIMIT", NULL},
    {"event-rate-limit", "BILLOW_EVENT_RATE_LIMIT", NULL},
};
#define AGAIN_COUNT (sizeof again / sizeof again[0])

static enum err set_up_log(struct str format, struct str level_name, struct fault *fault)
{
    enum log_level level = LOG_INFO;
    if (!str_is_null(level_name) && !log_level_parse(level_name, &level))
        return fault_set(fault, ERR_INVALID,
                         "BILLOW_LOG_LEVEL=%.*s: wanted debug, info, warn or error",
                         STR_ARG(level_name));
    bool json = str_eq(format, STR("json"));
    if (!str_is_null(format) && !json && !str_eq(format, STR("text")))
        return fault_set(fault, ERR_INVALID, "BILLOW_LOG=%.*s: wanted text or json",
                         STR_ARG(format));
    log_configure(level, json);
    return ERR_NONE;
}

/* Takes `count` words at `at` out of the arguments. */
static void take_out(int *argc, char **argv, int at, int count)
{
    for (int i = at; i + count <= *argc; i++)
        argv[i] = argv[i + count]; /* argv ends with NULL */
    *argc -= count;
}

static enum err find_path(int *argc, char **argv, struct fault *fault)
{
    config_path = getenv("BILLOW_CONFIG");
    for (int i = 1; i < *argc && strcmp(argv[i], "--") != 0;) {
        if (strncmp(argv[i], "--config=", 9) == 0) {
            config_path = argv[i] + 9;
            take_out(argc, argv, i, 1);
        } else if (strcmp(argv[i], "--config") == 0) {
            if (i + 1 == *argc)
                return fault_set(fault, ERR_INVALID, "--config wants a FILE");
            config_path = argv[i + 1];
            take_out(argc, argv, i, 2);
        } else {
            i++;
        }
    }
    return ERR_NONE;
}

static char *copy_env(const char *name)
{
    const char *value = getenv(name);
    return value == NULL ? NULL : strdup(value);
}

enum err settings_load(int *argc, char **argv, struct arena *arena, struct fault *fault)
{
    struct config config;
    TRY(find_path(argc, argv, fault));
    for (size_t i = 0; i < AGAIN_COUNT; i++)
        again[i].said = copy_env(again[i].env);
    if (config_path != NULL && *config_path != '\0') {
        TRY(config_read(str_of(config_path), names, arena, fault, &config));
        config_apply(&config);
    }
    return set_up_log(str_of(getenv("BILLOW_LOG")), str_of(getenv("BILLOW_LOG_LEVEL")), fault);
}

static struct str said(const struct config *config, const char *name)
{
    for (size_t i = 0; i < AGAIN_COUNT; i++) {
        if (strcmp(again[i].name, name) == 0 && again[i].said != NULL)
            return str_of(again[i].said);
    }
    return config_get(config, name);
}

static enum err read_number(const struct config *config, const struct settings_number *number,
                            struct fault *fault, int64_t *value)
{
    struct str text = said(config, number->name);
    *value = number->preset;
    if (str_is_null(text) || text.len == 0)
        return ERR_NONE;
    if (!str_to_int64(text, value) || *value < number->min || *value > number->max)
        return fault_set(fault, ERR_INVALID, "%s = %.*s: wanted a number from %lld to %lld",
                         number->name, STR_ARG(text), (long long)number->min,
                         (long long)number->max);
    return ERR_NONE;
}

static enum err read_again(struct arena *arena, struct fault *fault,
                           const struct settings_number *numbers, size_t count)
{
    struct config config;
    int64_t *values = ARENA_ARRAY(arena, count, int64_t);
    TRY(config_read(str_of(config_path), names, arena, fault, &config));
    for (size_t i = 0; i < count; i++)
        TRY(read_number(&config, &numbers[i], fault, &values[i]));
    TRY(set_up_log(said(&config, "log"), said(&config, "log-level"), fault));
    for (size_t i = 0; i < count; i++)
        *numbers[i].value = values[i];
    return ERR_NONE;
}

void settings_reload(const struct settings_number *numbers, size_t count)
{
    struct arena arena;
    struct fault fault;
    if (config_path == NULL || *config_path == '\0') {
        log_warn("nothing to read again: there is no --config");
        return;
    }
    arena_init(&arena);
    fault_init(&fault, &arena);
    if (read_again(&arena, &fault, numbers, count) == ERR_NONE)
        log_info("configuration was read again", LOG_STR("file", str_of(config_path)));
    else
        log_error("configuration was not read again", LOG_STR("why", fault.message));
    arena_clear(&arena);
}
