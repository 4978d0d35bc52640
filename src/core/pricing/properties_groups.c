/* properties_groups.c - the keys by which a charge's usage is divided, or only shown apart. */
#include "core/pricing/properties_read.h"

#define PRICING_FORM "an array of names of event properties"
#define SHOWN_FORM   "an array of {\"value\": a name of an event property}"

struct keys {
    struct str *items;
    bool *on_invoice;
    size_t count, most;
};

static void add_key(struct reading *r, struct str field, struct str key, struct keys *keys)
{
    if (key.len == 0 || str_is_null(key)) {
        fault_field(r->fault, field, "value_is_mandatory", key, "a name of 1 to %d bytes",
                    GROUP_KEY_BYTES);
        return;
    }
    if (key.len > GROUP_KEY_BYTES) {
        fault_field(r->fault, field, "value_is_too_long", key, "a name of 1 to %d bytes",
                    GROUP_KEY_BYTES);
        return;
    }
    for (size_t i = 0; i < keys->count; i++) {
        if (!str_eq(keys->items[i], key))
            continue;
        fault_field(r->fault, field, "value_already_exist", key, "each property once");
        return;
    }
    keys->items[keys->count++] = arena_str(r->arena, key);
}

static void read_options(struct reading *r, struct str field, bool *on_invoice)
{
    enum json_token token = json_next(&r->json);
    if (token == JSON_NULL)
        return;
    if (token != JSON_OBJECT_START) {
        fault_field(r->fault, field, "invalid_type", reading_sent(r, token),
                    "{\"display_in_invoice\": true or false}");
        return;
    }
    while (json_next(&r->json) == JSON_KEY) {
        struct str name = r->json.text;
        struct str below = arena_fmt(r->arena, "%.*s.%.*s", STR_ARG(field), STR_ARG(name));
        struct str raw = STR_NULL;
        if (!json_skip(&r->json, &raw))
            return;
        if (!str_eq(name, STR("display_in_invoice")))
            fault_field(r->fault, below, "unknown_field", raw, "only display_in_invoice");
        else if (str_eq(raw, STR("true")))
            *on_invoice = true;
        else if (!str_eq(raw, STR("false")) && !str_eq(raw, STR("null")))
            fault_field(r->fault, below, "invalid_type", raw, "true or false");
    }
}

/* {"value": "region", "options": {"display_in_invoice": true}} */
static void read_shown(struct reading *r, struct str field, struct keys *keys)
{
    struct str value = STR_NULL;
    struct str value_field = arena_fmt(r->arena, "%.*s.value", STR_ARG(field));
    bool on_invoice = false;
    while (json_next(&r->json) == JSON_KEY) {
        struct str name = r->json.text;
        struct str below = arena_fmt(r->arena, "%.*s.%.*s", STR_ARG(field), STR_ARG(name));
        if (str_eq(name, STR("options"))) {
            read_options(r, below, &on_invoice);
            continue;
        }
        enum json_token token = json_next(&r->json);
        if (!str_eq(name, STR("value")))
            fault_field(r->fault, below, "unknown_field", reading_sent(r, token),
                        "only value and options");
        else if (token == JSON_STRING)
            value = arena_str(r->arena, r->json.text);
        else if (token != JSON_NULL) {
            fault_field(r->fault, value_field, "invalid_type", reading_sent(r, token), "a text");
            value = STR("-"); /* told already */
        }
    }
    size_t before = keys->count;
    add_key(r, value_field, value, keys);
    if (keys->count > before)
        keys->on_invoice[before] = on_invoice;
}

static void read_element(struct reading *r, struct str field, enum json_token token, bool is_shown,
                         struct keys *keys)
{
    if (token == JSON_STRING)
        add_key(r, field, r->json.text, keys);
    else if (is_shown && token == JSON_OBJECT_START)
        read_shown(r, field, keys);
    else
        fault_field(r->fault, field, "invalid_type", reading_sent(r, token),
                    is_shown ? "{\"value\": a name of an event property}" : "a text");
}

/* The array that follows the key just read; false: it is null, or something else. */
static bool read_keys(struct reading *r, struct str list, bool is_shown, struct keys *keys)
{
    enum json_token token = json_next(&r->json);
    size_t index = 0;
    if (token == JSON_NULL)
        return false;
    if (token != JSON_ARRAY_START) {
        fault_field(r->fault, list, "invalid_type", reading_sent(r, token), "%s",
                    is_shown ? SHOWN_FORM : PRICING_FORM);
        return false;
    }
    for (; (token = json_next(&r->json)) != JSON_ARRAY_END && token != JSON_ERROR; index++) {
        if (index == keys->most)
            fault_field(r->fault, list, "too_many_values", STR_NULL, "at most %zu", keys->most);
        if (index >= keys->most)
            reading_sent(r, token);
        else
            read_element(r, arena_fmt(r->arena, "%.*s.%zu", STR_ARG(list), index), token, is_shown,
                         keys);
    }
    return index > 0;
}

static struct keys new_keys(struct arena *arena, size_t most)
{
    return (struct keys){
        .items = ARENA_ARRAY(arena, most, struct str),
        .on_invoice = ARENA_ARRAY(arena, most, bool),
        .most = most,
    };
}

bool read_group_keys(struct reading *r, struct str name)
{
    bool is_shown = str_eq(name, STR("presentation_group_keys"));
    bool is_pricing = str_eq(name, STR("pricing_group_keys")) || str_eq(name, STR("grouped_by"));
    struct charge *charge = r->charge;
    struct str list = reading_below(r, name);
    if (!str_eq(r->path, r->top) || (!is_shown && !is_pricing))
        return false;
    struct group_keys *to = is_shown ? &charge->shown_keys : &charge->group_keys;
    struct keys keys = new_keys(r->arena, is_shown ? GROUP_SHOWN_MAX : GROUP_KEYS_MAX);
    if (!read_keys(r, list, is_shown, &keys))
        return true; /* [] and null say nothing */
    if (to->count > 0)
        fault_field(r->fault, list, "duplicate_field", STR_NULL,
                    is_shown ? "each field once" : "pricing_group_keys alone, and once");
    *to = (struct group_keys){keys.items, keys.count};
    if (is_shown)
        charge->shown_on_invoice = keys.on_invoice;
    return true;
}

void write_group_keys(struct json_writer *w, const struct charge *charge)
{
    if (charge->group_keys.count > 0) {
        json_array(w, "pricing_group_keys");
        for (size_t i = 0; i < charge->group_keys.count; i++)
            json_str(w, NULL, charge->group_keys.keys[i]);
        json_array_end(w);
    }
    if (charge->shown_keys.count > 0) {
        json_array(w, "presentation_group_keys");
        for (size_t i = 0; i < charge->shown_keys.count; i++) {
            json_object(w, NULL);
            json_str(w, "value", charge->shown_keys.keys[i]);
            json_object(w, "options");
            json_bool(w, "display_in_invoice", charge->shown_on_invoice[i]);
            json_object_end(w);
            json_object_end(w);
        }
        json_array_end(w);
    }
}
