#include "locale/locales.h"

#include "base/assert.h"
#include "locale/words.h"

#include <pthread.h>
#include <stdlib.h>

#define IDLE_MAX      64
#define LANGUAGES_MAX 32
#define TAG_MAX       10 /* bytes of a tag that a browser sends and that is taken: "zh-Hant" */

struct locales {
    pthread_mutex_t mutex;
    struct locale *idle[IDLE_MAX];
    size_t idle_count;
};

struct locales *locales_new(void)
{
    struct locales *locales = calloc(1, sizeof *locales);
    if (locales == NULL)
        abort();
    pthread_mutex_init(&locales->mutex, NULL);
    return locales;
}

void locales_free(struct locales *locales)
{
    if (locales == NULL)
        return;
    for (size_t i = 0; i < locales->idle_count; i++)
        locale_close(locales->idle[i]);
    pthread_mutex_destroy(&locales->mutex);
    free(locales);
}

static struct locale *take_idle(struct locales *locales, struct str tag)
{
    struct locale *taken = NULL;
    pthread_mutex_lock(&locales->mutex);
    for (size_t i = 0; i < locales->idle_count && taken == NULL; i++) {
        if (!str_eq(locale_tag(locales->idle[i]), tag))
            continue;
        taken = locales->idle[i];
        locales->idle[i] = locales->idle[--locales->idle_count];
    }
    pthread_mutex_unlock(&locales->mutex);
    return taken;
}

struct locale *locales_take(struct locales *locales, struct str tag)
{
    struct locale *locale = take_idle(locales, tag);
    if (locale != NULL || locale_open(tag, &locale) == ERR_NONE)
        return locale;
    locale = take_idle(locales, STR("en"));
    if (locale == NULL && locale_open(STR("en"), &locale) != ERR_NONE)
        abort(); /* no ICU data at all */
    return locale;
}

void locales_give(struct locales *locales, struct locale *locale)
{
    struct locale *surplus = NULL;
    if (locale == NULL)
        return;
    pthread_mutex_lock(&locales->mutex);
    if (locales->idle_count == IDLE_MAX) {
        surplus = locales->idle[0];
        locales->idle[0] = locale;
    } else {
        locales->idle[locales->idle_count++] = locale;
    }
    pthread_mutex_unlock(&locales->mutex);
    locale_close(surplus);
}

static const char *languages[LANGUAGES_MAX];
static pthread_once_t languages_once = PTHREAD_ONCE_INIT;

static void list_languages(void)
{
    size_t count = 0;
    languages[count++] = "en";
    for (const struct words_catalogue *c = words_catalogues; c->language != NULL; c++) {
        ASSERT(count + 1 < LANGUAGES_MAX);
        languages[count++] = c->language;
    }
}

const char *const *locales_languages(void)
{
    pthread_once(&languages_once, list_languages);
    return languages;
}

bool locales_is_known(struct str language)
{
    for (const char *const *known = locales_languages(); *known != NULL; known++) {
        if (str_eq(language, str_of(*known)))
            return true;
    }
    return false;
}

struct str locales_own_name(struct str language)
{
    static const struct {
        const char *language, *name;
    } names[] = {{"en", "English"}, {"de", "Deutsch"}, {"ar", "العربية"}, {"ja", "日本語"}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (str_eq(language, str_of(names[i].language)))
            return str_of(names[i].name);
    }
    return language;
}

static bool is_tag(struct str tag)
{
    for (size_t i = 0; i < tag.len; i++) {
        char c = tag.ptr[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && c != '-')
            return false;
    }
    return tag.len >= 2 && tag.len <= TAG_MAX;
}

/* Browsers send what they like best first, so the weights ("de;q=0.8") need no look. */
struct str locales_choose(struct str accept)
{
    struct str rest = accept;
    struct str part;
    struct str tag;
    while (str_split(&rest, ',', &part)) {
        if (!str_split(&part, ';', &tag) || !is_tag(tag = str_trim(tag)))
            continue;
        struct str after = tag;
        struct str language;
        str_split(&after, '-', &language);
        for (const char *const *known = locales_languages(); *known != NULL; known++) {
            if (str_eq_nocase(language, str_of(*known)))
                return tag;
        }
    }
    return STR("en");
}
