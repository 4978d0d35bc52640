#include "base/zone.h"

#include "base/assert.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_BYTES_MAX 200000
#define NAME_BYTES_MAX 64

/* One of the days on which a POSIX rule changes: Mm.w.d, Jn or n, at a second of local time. */
struct rule_day {
    char kind; /* 'M', 'J', '0' for n */
    int month, week, weekday, day;
    int32_t at_s; /* may be negative or beyond a day */
};

struct zone {
    struct str name;
    int64_t *transitions; /* seconds since 1970, ascending */
    int32_t *offsets;     /* from transitions[i] on */
    size_t count;
    int32_t first_offset;                     /* before the first transition */
    bool has_rule;                            /* the footer has daylight saving time */
    int32_t standard_offset, daylight_offset; /* of the footer; standard where it has no rule */
    bool has_footer;
    struct rule_day to_daylight, to_standard;
    struct zone *next;
};

static struct zone utc_zone = {.name = {"UTC", 3}};
const struct zone *const ZONE_UTC = &utc_zone;

static pthread_mutex_t zones_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct zone *zones; /* read so far; never freed */
static struct str data_version;

static const char *const folders[] = {"/usr/share/zoneinfo", "/usr/lib/zoneinfo",
                                      "/usr/share/lib/zoneinfo"};

/* ---- reading a file ------------------------------------------------------------------------- */

struct input {
    const unsigned char *bytes;
    size_t len;
    size_t at;
    bool bad;
};

static int64_t big_endian(struct input *in, size_t size)
{
    uint64_t value = 0;
    if (in->bad || in->len - in->at < size) {
        in->bad = true;
        return 0;
    }
    for (size_t i = 0; i < size; i++)
        value = value << 8 | in->bytes[in->at++];
    return size == 4 ? (int32_t)(uint32_t)value : (int64_t)value;
}

static void pass(struct input *in, int64_t size)
{
    if (size < 0 || in->bad || (uint64_t)size > in->len - in->at)
        in->bad = true;
    else
        in->at += (size_t)size;
}

struct header {
    int64_t version, isut, isstd, leap, time, type, chars;
};

static bool read_header(struct input *in, struct header *header)
{
    if (in->len - in->at < 44 || memcmp(in->bytes + in->at, "TZif", 4) != 0)
        return false;
    header->version = in->bytes[in->at + 4];
    pass(in, 20);
    header->isut = big_endian(in, 4);
    header->isstd = big_endian(in, 4);
    header->leap = big_endian(in, 4);
    header->time = big_endian(in, 4);
    header->type = big_endian(in, 4);
    header->chars = big_endian(in, 4);
    return !in->bad && header->time >= 0 && header->type >= 1 && header->type <= 256 &&
           header->chars >= 0 && header->leap >= 0 && header->isut >= 0 && header->isstd >= 0;
}

static void *must(void *memory)
{
    if (memory == NULL)
        abort();
    return memory;
}

/* The data block with 64-bit times (RFC 8536, 3.2). */
static bool read_block(struct input *in, const struct header *header, struct zone *zone)
{
    size_t count = (size_t)header->time;
    int32_t type_offsets[256];
    bool type_daylight[256];
    if (count > FILE_BYTES_MAX / 9)
        return false;
    zone->transitions = must(calloc(count + 1, sizeof *zone->transitions));
    zone->offsets = must(calloc(count + 1, sizeof *zone->offsets));
    zone->count = count;
    for (size_t i = 0; i < count; i++)
        zone->transitions[i] = big_endian(in, 8);
    size_t indexes = in->at;
    pass(in, header->time);
    for (int64_t i = 0; i < header->type; i++) {
        type_offsets[i] = (int32_t)big_endian(in, 4);
        type_daylight[i] = big_endian(in, 1) != 0;
        pass(in, 1);
    }
    pass(in, header->chars + header->leap * 12 + header->isstd + header->isut);
    if (in->bad)
        return false;
    for (size_t i = 0; i < count; i++) {
        unsigned char type = in->bytes[indexes + i];
        if (type >= header->type || (i > 0 && zone->transitions[i] <= zone->transitions[i - 1]))
            return false;
        zone->offsets[i] = type_offsets[type];
    }
    zone->first_offset = type_offsets[0];
    (void)type_daylight;
    return true;
}

/* ---- the footer: a POSIX rule such as CET-1CEST,M3.5.0,M10.5.0/3 ----------------------------- */

static bool parse_int(struct str *s, int *value)
{
    size_t i = 0;
    *value = 0;
    while (i < s->len && s->ptr[i] >= '0' && s->ptr[i] <= '9' && i < 4)
        *value = *value * 10 + (s->ptr[i++] - '0');
    *s = str_slice(*s, i, s->len);
    return i > 0;
}

static bool take(struct str *s, char c)
{
    if (s->len == 0 || s->ptr[0] != c)
        return false;
    *s = str_slice(*s, 1, s->len);
    return true;
}

static bool parse_name(struct str *s)
{
    size_t i = 0;
    if (take(s, '<')) {
        while (i < s->len && s->ptr[i] != '>')
            i++;
        *s = str_slice(*s, i, s->len);
        return take(s, '>');
    }
    while (i < s->len &&
           ((s->ptr[i] >= 'A' && s->ptr[i] <= 'Z') || (s->ptr[i] >= 'a' && s->ptr[i] <= 'z')))
        i++;
    *s = str_slice(*s, i, s->len);
    return i >= 3;
}

/* [+-]h[h[h]][:mm[:ss]] in seconds. */
static bool parse_hms(struct str *s, int32_t *seconds)
{
    int h = 0;
    int m = 0;
    int sec = 0;
    bool negative = take(s, '-');
    if (!negative)
        take(s, '+');
    if (!parse_int(s, &h))
        return false;
    if (take(s, ':') && !parse_int(s, &m))
        return false;
    if (take(s, ':') && !parse_int(s, &sec))
        return false;
    *seconds = (h * 3600 + m * 60 + sec) * (negative ? -1 : 1);
    return true;
}

static bool parse_rule_day(struct str *s, struct rule_day *rule)
{
    if (!take(s, ','))
        return false;
    *rule = (struct rule_day){.kind = '0', .at_s = 2 * 3600};
    if (take(s, 'M')) {
        rule->kind = 'M';
        if (!parse_int(s, &rule->month) || !take(s, '.') || !parse_int(s, &rule->week) ||
            !take(s, '.') || !parse_int(s, &rule->weekday))
            return false;
        if (rule->month < 1 || rule->month > 12 || rule->week < 1 || rule->week > 5 ||
            rule->weekday > 6)
            return false;
    } else {
        if (take(s, 'J'))
            rule->kind = 'J';
        if (!parse_int(s, &rule->day))
            return false;
    }
    return !take(s, '/') || parse_hms(s, &rule->at_s);
}

static bool parse_footer(struct str s, struct zone *zone)
{
    int32_t west = 0;
    if (s.len == 0)
        return true;
    if (!parse_name(&s) || !parse_hms(&s, &west))
        return false;
    zone->has_footer = true;
    zone->standard_offset = zone->daylight_offset = -west;
    if (s.len == 0)
        return true;
    if (!parse_name(&s))
        return false;
    zone->daylight_offset = zone->standard_offset + 3600;
    if (s.len > 0 && s.ptr[0] != ',') {
        if (!parse_hms(&s, &west))
            return false;
        zone->daylight_offset = -west;
    }
    zone->has_rule = true;
    return parse_rule_day(&s, &zone->to_daylight) && parse_rule_day(&s, &zone->to_standard) &&
           s.len == 0;
}

static bool parse_zone(const unsigned char *bytes, size_t len, struct zone *zone)
{
    struct input in = {.bytes = bytes, .len = len};
    struct header header;
    if (!read_header(&in, &header) || header.version < '2')
        return false;
    pass(&in, header.time * 5 + header.type * 6 + header.chars + header.leap * 8 + header.isstd +
                  header.isut);
    if (in.bad || !read_header(&in, &header) || !read_block(&in, &header, zone))
        return false;
    struct str rest = {(const char *)bytes + in.at, len - in.at};
    ptrdiff_t end =
        rest.len > 0 && rest.ptr[0] == '\n' ? str_find(str_slice(rest, 1, rest.len), '\n') : -1;
    return end >= 0 && parse_footer(str_slice(rest, 1, (size_t)end + 1), zone);
}

/* ---- finding zones --------------------------------------------------------------------------- */

static bool is_zone_name(struct str name)
{
    if (name.len == 0 || name.len > NAME_BYTES_MAX || name.ptr[0] == '/')
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool ok = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                  c == '/' || c == '_' || c == '-' || c == '+';
        if (!ok)
            return false;
    }
    return true;
}

static enum err read_zone(struct str name, struct zone **zone)
{
    char path[256];
    FILE *file = NULL;
    for (size_t i = 0; i < sizeof folders / sizeof folders[0] && file == NULL; i++) {
        snprintf(path, sizeof path, "%s/%.*s", folders[i], STR_ARG(name));
        file = fopen(path, "rb");
    }
    if (file == NULL)
        return ERR_NOT_FOUND;
    unsigned char *bytes = must(malloc(FILE_BYTES_MAX));
    size_t len = fread(bytes, 1, FILE_BYTES_MAX, file);
    bool unreadable = ferror(file) != 0; /* a folder, such as "Europe" */
    fclose(file);
    bool is_zone = len >= 4 && memcmp(bytes, "TZif", 4) == 0;
    if (unreadable || !is_zone) {
        free(bytes);
        return ERR_NOT_FOUND;
    }
    struct zone *made = must(calloc(1, sizeof *made));
    made->name = (struct str){must(strndup(name.ptr, name.len)), name.len};
    if (!parse_zone(bytes, len, made)) {
        free(bytes);
        free((char *)made->name.ptr);
        free(made->transitions);
        free(made->offsets);
        free(made);
        return ERR_CORRUPT;
    }
    free(bytes);
    *zone = made;
    return ERR_NONE;
}

enum err zone_find(struct str name, const struct zone **zone)
{
    enum err err = ERR_NONE;
    if (str_eq(name, ZONE_UTC->name)) {
        *zone = ZONE_UTC;
        return ERR_NONE;
    }
    if (!is_zone_name(name))
        return ERR_NOT_FOUND;
    pthread_mutex_lock(&zones_mutex);
    struct zone *known = zones;
    while (known != NULL && !str_eq(known->name, name))
        known = known->next;
    if (known == NULL) {
        err = read_zone(name, &known);
        if (err == ERR_NONE) {
            known->next = zones;
            zones = known;
        }
    }
    pthread_mutex_unlock(&zones_mutex);
    if (err == ERR_NONE)
        *zone = known;
    return err;
}

struct str zone_name(const struct zone *zone)
{
    return zone->name;
}

/* ---- using zones ----------------------------------------------------------------------------- */

/* The day of a year on which a rule's change happens. */
static int32_t rule_day_of(const struct rule_day *rule, int32_t year)
{
    int32_t first = day_from_civil((struct civil){year, 1, 1});
    if (rule->kind == '0')
        return first + rule->day;
    if (rule->kind == 'J') /* 1..365, 29 February is never counted */
        return first + rule->day - 1 + (rule->day >= 60 && days_in_month(year, 2) == 29);
    int32_t month = day_from_civil((struct civil){year, rule->month, 1});
    int32_t weekday = (weekday_of(month) + 1) % 7; /* of the first; 0 = Sunday, as in POSIX */
    int32_t day = (rule->weekday - weekday + 7) % 7 + (rule->week - 1) * 7;
    if (day >= days_in_month(year, rule->month))
        day -= 7;
    return month + day;
}

static int32_t footer_offset(const struct zone *zone, int64_t at_s)
{
    if (!zone->has_rule)
        return zone->standard_offset;
    int32_t day = (int32_t)((at_s + zone->standard_offset) / 86400);
    int32_t year = civil_from_day(day).year;
    int64_t on = (int64_t)rule_day_of(&zone->to_daylight, year) * 86400 + zone->to_daylight.at_s -
                 zone->standard_offset;
    int64_t off = (int64_t)rule_day_of(&zone->to_standard, year) * 86400 + zone->to_standard.at_s -
                  zone->daylight_offset;
    bool is_daylight = on < off ? at_s >= on && at_s < off : at_s < off || at_s >= on;
    return is_daylight ? zone->daylight_offset : zone->standard_offset;
}

static int64_t floor_seconds(int64_t at_us)
{
    int64_t s = at_us / TIME_SECOND;
    return at_us % TIME_SECOND < 0 ? s - 1 : s;
}

int32_t zone_offset_s(const struct zone *zone, int64_t at_us)
{
    int64_t at_s = floor_seconds(at_us);
    if (zone->count == 0 || at_s >= zone->transitions[zone->count - 1]) {
        if (zone->has_footer)
            return footer_offset(zone, at_s);
        return zone->count == 0 ? zone->first_offset : zone->offsets[zone->count - 1];
    }
    if (at_s < zone->transitions[0])
        return zone->first_offset;
    size_t low = 0;
    size_t high = zone->count - 1;
    while (high - low > 1) { /* transitions[low] <= at_s < transitions[high] */
        size_t middle = low + (high - low) / 2;
        if (zone->transitions[middle] <= at_s)
            low = middle;
        else
            high = middle;
    }
    return zone->offsets[low];
}

int64_t zone_local_us(const struct zone *zone, int64_t at_us)
{
    return at_us + zone_offset_s(zone, at_us) * TIME_SECOND;
}

int32_t zone_day(const struct zone *zone, int64_t at_us)
{
    return day_of_instant(zone_local_us(zone, at_us));
}

#define AROUND_S INT64_C(129600) /* a day and a half */

int64_t zone_day_start(const struct zone *zone, int32_t day)
{
    if (zone == ZONE_UTC)
        return instant_of_day(day);
    /* Offsets are within a day and a half of UTC, and local days never decrease but where a clock
     * is set back over midnight; so the first second of the day is the earliest one that shows it.
     */
    int64_t low = instant_of_day(day) / TIME_SECOND - AROUND_S;
    int64_t high = instant_of_day(day) / TIME_SECOND + AROUND_S;
    while (high - low > 1) { /* the day at low is before `day`, at high it is not */
        int64_t middle = low + (high - low) / 2;
        if (zone_day(zone, middle * TIME_SECOND) < day)
            low = middle;
        else
            high = middle;
    }
    return high * TIME_SECOND;
}

static struct str read_version(void)
{
    static char text[32];
    char line[128];
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/tzdata.zi", folders[i]);
        FILE *file = fopen(path, "r");
        if (file == NULL)
            continue;
        bool found =
            fgets(line, sizeof line, file) != NULL && sscanf(line, "# version %31s", text) == 1;
        fclose(file);
        if (found)
            return str_of(text);
    }
    return STR("unknown");
}

struct str zone_data_version(void)
{
    pthread_mutex_lock(&zones_mutex);
    if (str_is_null(data_version))
        data_version = read_version();
    struct str version = data_version;
    pthread_mutex_unlock(&zones_mutex);
    return version;
}
