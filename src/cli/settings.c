#include "cli/settings.h"

#include "base/config.h"
#include "base/log.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

static const char *const names[] = {
    "database",   "listen",           "log", "log-level", "stop-timeout",
    "rate-limit", "event-rate-limit", NULL};

/* For settings_reload; set once, before there are threads. */
static const char *config_path;
static char *log_env, *log_level_env; /* what the environment itself says, which goes first */

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
    log_env = copy_env("BILLOW_LOG");
    log_level_env = copy_env("BILLOW_LOG_LEVEL");
    if (config_path != NULL && *config_path != '\0') {
        TRY(config_read(str_of(config_path), names, arena, fault, &config));
        config_apply(&config);
    }
    return set_up_log(str_of(getenv("BILLOW_LOG")), str_of(getenv("BILLOW_LOG_LEVEL")), fault);
}

static enum err read_again(struct arena *arena, struct fault *fault)
{
    struct config config;
    TRY(config_read(str_of(config_path), names, arena, fault, &config));
    struct str format = config_get(&config, "log");
    struct str level = config_get(&config, "log-level");
    return set_up_log(log_env != NULL ? str_of(log_env) : format,
                      log_level_env != NULL ? str_of(log_level_env) : level, fault);
}

void settings_reload(void)
{
    struct arena arena;
    struct fault fault;
    if (config_path == NULL || *config_path == '\0') {
        log_warn("nothing to read again: there is no --config");
        return;
    }
    arena_init(&arena);
    fault_init(&fault, &arena);
    if (read_again(&arena, &fault) == ERR_NONE)
        log_info("configuration was read again", LOG_STR("file", str_of(config_path)));
    else
        log_error("configuration was not read again", LOG_STR("why", fault.message));
    arena_clear(&arena);
}
