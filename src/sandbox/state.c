#include "sandbox/state.h"

#include "base/assert.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/json_members.h"
#include "base/json_write.h"
#include "base/time.h"
#include "sandbox/sandbox.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const words[] = {"open", "succeeded", "failed", "expired", "canceled"};
#define WORD_COUNT (sizeof words / sizeof words[0])

const char *sandbox_status_word(enum sandbox_status status)
{
    return words[status];
}

int64_t sandbox_now_us(void)
{
    struct clock clock;
    clock_init_real(&clock);
    return clock_now(&clock);
}

int64_t sandbox_monotonic_us(void)
{
    return clock_monotonic_us();
}

void sandbox_step(struct sandbox_state *state, const char *step)
{
    if (strcmp(state->controls.die_at, step) == 0)
        raise(SIGKILL);
}

/* ---- lists ----------------------------------------------------------------------------------- */

static struct str new_id(struct sandbox_state *state, const char *prefix)
{
    unsigned char bytes[SANDBOX_ID_BYTES];
    struct buf text;
    buf_init(&text, &state->arena, 64);
    hash_random(bytes, sizeof bytes);
    buf_add(&text, str_of(prefix));
    buf_hex(&text, bytes, sizeof bytes);
    return buf_str(&text);
}

static void append_checkout(struct sandbox_state *state, struct sandbox_checkout *checkout)
{
    state->checkouts = arena_grow(&state->arena, (void *)state->checkouts, state->checkout_count,
                                  &state->checkout_capacity, sizeof(void *));
    state->checkouts[state->checkout_count++] = checkout;
}

static void append_charge(struct sandbox_state *state, const struct sandbox_charge *charge)
{
    state->charges = arena_grow(&state->arena, state->charges, state->charge_count,
                                &state->charge_capacity, sizeof *state->charges);
    state->charges[state->charge_count++] = *charge;
}

static void append_event(struct sandbox_state *state, struct sandbox_event *event)
{
    state->events = arena_grow(&state->arena, (void *)state->events, state->event_count,
                               &state->event_capacity, sizeof(void *));
    state->events[state->event_count++] = event;
}

static struct sandbox_event *find_event(struct sandbox_state *state, struct str id)
{
    for (size_t i = state->event_count; i-- > 0;) {
        if (str_eq(state->events[i]->id, id))
            return state->events[i];
    }
    return NULL;
}

static struct sandbox_checkout *find_raw(struct sandbox_state *state, struct str id)
{
    for (size_t i = state->checkout_count; i-- > 0;) {
        if (str_eq(state->checkouts[i]->id, id))
            return state->checkouts[i];
    }
    return NULL;
}

/* ---- the journal ----------------------------------------------------------------------------- */

static void write_checkout(struct json_writer *out, const struct sandbox_checkout *checkout)
{
    json_object(out, "checkout");
    json_str(out, "id", checkout->id);
    json_str(out, "reference", checkout->reference);
    json_int(out, "amount", checkout->amount_minor);
    json_str(out, "currency", checkout->currency);
    json_str(out, "description", checkout->description);
    json_str(out, "return_url", checkout->return_url);
    json_str(out, "locale", checkout->locale);
    json_str(out, "status", str_of(sandbox_status_word(checkout->status)));
    json_str(out, "decline_code", checkout->decline_code);
    json_str(out, "pending_card", checkout->pending_card);
    json_int(out, "created_at", checkout->created_at);
    json_int(out, "at", checkout->at);
    json_object_end(out);
}

/* What can't be kept must not be promised to anybody. */
static void keep_line(struct sandbox_state *state, const struct buf *line)
{
    ASSERT(buf_ok(line));
    if (state->journal == NULL)
        return;
    struct str text = buf_str(line);
    if (fwrite(text.ptr, 1, text.len, state->journal) != text.len ||
        fputc('\n', state->journal) == EOF || fflush(state->journal) != 0 ||
        fdatasync(fileno(state->journal)) != 0) {
        fprintf(stderr, "billow: the sandbox gateway can't write its journal: %s\n",
                strerrordesc_np(errno));
        abort();
    }
}

static void keep(struct sandbox_state *state, const struct sandbox_checkout *checkout,
                 const struct sandbox_charge *charge, const struct sandbox_event *event)
{
    struct arena_mark mark = arena_mark(&state->arena);
    struct buf line;
    struct json_writer out;
    buf_init(&line, &state->arena, SANDBOX_LINE_BYTES_MAX);
    json_writer_init(&out, &line);
    json_object(&out, NULL);
    write_checkout(&out, checkout);
    if (charge != NULL) {
        json_object(&out, "charge");
        json_str(&out, "id", charge->id);
        json_str(&out, "reference", charge->reference);
        json_str(&out, "currency", charge->currency);
        json_int(&out, "amount", charge->amount_minor);
        json_int(&out, "at", charge->at);
        json_object_end(&out);
    }
    if (event != NULL) {
        json_object(&out, "event");
        json_str(&out, "id", event->id);
        json_str(&out, "type", event->type);
        json_str(&out, "body", event->body);
        json_object_end(&out);
    }
    json_object_end(&out);
    keep_line(state, &line);
    arena_return(&state->arena, mark);
}

static bool read_status(struct str word, enum sandbox_status *status)
{
    for (size_t i = 0; i < WORD_COUNT; i++) {
        if (str_eq(word, str_of(words[i]))) {
            *status = (enum sandbox_status)i;
            return true;
        }
    }
    return false;
}

static bool replay_checkout(struct sandbox_state *state, struct str json)
{
    enum {
        ID,
        REFERENCE,
        AMOUNT,
        CURRENCY,
        DESCRIPTION,
        RETURN,
        LOCALE,
        STATUS,
        DECLINE,
        PENDING,
        CREATED,
        AT,
        COUNT
    };
    static const char *const names[] = {
        "id",         "reference", "amount", "currency",     "description",
        "return_url", "locale",    "status", "decline_code", "pending_card",
        "created_at", "at",        NULL};
    struct str texts[COUNT] = {{NULL, 0}};
    struct sandbox_checkout read = {.amount_minor = 0};
    if (!json_members(&state->arena, json, names, texts) ||
        !str_to_int64(texts[AMOUNT], &read.amount_minor) ||
        !read_status(texts[STATUS], &read.status) ||
        !str_to_int64(texts[CREATED], &read.created_at) || !str_to_int64(texts[AT], &read.at))
        return false;
    read.id = texts[ID];
    read.reference = texts[REFERENCE];
    read.currency = texts[CURRENCY];
    read.description = texts[DESCRIPTION];
    read.return_url = texts[RETURN];
    read.locale = texts[LOCALE];
    read.decline_code = texts[DECLINE];
    read.pending_card = texts[PENDING];
    struct sandbox_checkout *known = find_raw(state, read.id);
    if (known == NULL) {
        known = ARENA_NEW(&state->arena, struct sandbox_checkout);
        append_checkout(state, known);
    }
    *known = read;
    return true;
}

static bool replay_charge(struct sandbox_state *state, struct str json)
{
    enum { ID, REFERENCE, CURRENCY, AMOUNT, AT, COUNT };
    static const char *const names[] = {"id", "reference", "currency", "amount", "at", NULL};
    struct str texts[COUNT] = {{NULL, 0}};
    struct sandbox_charge charge = {.amount_minor = 0};
    if (!json_members(&state->arena, json, names, texts) ||
        !str_to_int64(texts[AMOUNT], &charge.amount_minor) || !str_to_int64(texts[AT], &charge.at))
        return false;
    charge.id = texts[ID];
    charge.reference = texts[REFERENCE];
    charge.currency = texts[CURRENCY];
    append_charge(state, &charge);
    return true;
}

static bool replay_event(struct sandbox_state *state, struct str json)
{
    enum { ID, TYPE, BODY, COUNT };
    static const char *const names[] = {"id", "type", "body", NULL};
    struct str texts[COUNT] = {{NULL, 0}};
    if (!json_members(&state->arena, json, names, texts) || str_is_null(texts[BODY]))
        return false;
    struct sandbox_event *event = ARENA_NEW(&state->arena, struct sandbox_event);
    *event = (struct sandbox_event){.id = texts[ID], .type = texts[TYPE], .body = texts[BODY]};
    append_event(state, event);
    return true;
}

static bool replay(struct sandbox_state *state, struct str line)
{
    enum { CHECKOUT, CHARGE, EVENT, DELIVERED, COUNT };
    static const char *const names[] = {"checkout", "charge", "event", "delivered", NULL};
    struct str texts[COUNT] = {{NULL, 0}};
    if (!json_members(&state->arena, line, names, texts))
        return false;
    if (!str_is_null(texts[DELIVERED])) {
        struct sandbox_event *event = find_event(state, texts[DELIVERED]);
        if (event != NULL)
            event->delivered = true;
        return event != NULL;
    }
    return !str_is_null(texts[CHECKOUT]) && replay_checkout(state, texts[CHECKOUT]) &&
           (str_is_null(texts[CHARGE]) || replay_charge(state, texts[CHARGE])) &&
           (str_is_null(texts[EVENT]) || replay_event(state, texts[EVENT]));
}

static enum err replay_all(struct sandbox_state *state, FILE *file, const char *path,
                           struct fault *fault)
{
    char *line = NULL;
    size_t size = 0;
    long whole = 0; /* where the last whole line ends */
    enum err err = ERR_NONE;
    ssize_t len = 0;
    while (err == ERR_NONE && (len = getline(&line, &size, file)) > 0) {
        if (line[len - 1] != '\n')
            break; /* nobody was told of it */
        struct str text = arena_str(&state->arena, (struct str){line, (size_t)len - 1});
        if (replay(state, text))
            whole += len;
        else
            err = fault_set(fault, ERR_CORRUPT, "%s: byte %ld begins a line that is no step", path,
                            whole);
    }
    free(line);
    if (err == ERR_NONE && (ftruncate(fileno(file), whole) != 0 || fseek(file, 0, SEEK_END) != 0))
        err = fault_errno(fault, ERR_IO, str_of(path));
    return err;
}

enum err sandbox_state_open(struct sandbox_state *state, const char *path, struct fault *fault)
{
    *state = (struct sandbox_state){.controls = {.copies = 1}};
    pthread_mutex_init(&state->mutex, NULL);
    arena_init(&state->arena);
    if (path == NULL)
        return ERR_NONE;
    mode_t mask = umask(S_IRWXG | S_IRWXO); /* before there are threads */
    state->journal = fopen(path, "a+e");
    umask(mask);
    if (state->journal == NULL)
        return fault_errno(fault, ERR_IO, str_of(path));
    rewind(state->journal);
    return replay_all(state, state->journal, path, fault);
}

void sandbox_state_close(struct sandbox_state *state)
{
    if (state->journal != NULL)
        fclose(state->journal);
    arena_clear(&state->arena);
    pthread_mutex_destroy(&state->mutex);
}

/* ---- steps ----------------------------------------------------------------------------------- */

static struct sandbox_event *make_event(struct sandbox_state *state,
                                        const struct sandbox_checkout *checkout)
{
    struct sandbox_event *event = ARENA_NEW(&state->arena, struct sandbox_event);
    struct buf body;
    struct json_writer out;
    *event = (struct sandbox_event){
        .id = new_id(state, "evt_"),
        .type = arena_fmt(&state->arena, "checkout.%s", sandbox_status_word(checkout->status)),
        .next_us = sandbox_monotonic_us() + state->controls.delay_ms * 1000,
    };
    buf_init(&body, &state->arena, SANDBOX_LINE_BYTES_MAX);
    json_writer_init(&out, &body);
    json_object(&out, NULL);
    json_str(&out, "id", event->id);
    json_str(&out, "type", event->type);
    sandbox_write_checkout(&out, "checkout", checkout, STR_NULL);
    json_object_end(&out);
    ASSERT(buf_ok(&body));
    event->body = buf_str(&body);
    return event;
}

struct sandbox_event *sandbox_end(struct sandbox_state *state, struct sandbox_checkout *checkout,
                                  enum sandbox_status status, struct str decline_code)
{
    struct sandbox_charge charge = {.amount_minor = checkout->amount_minor};
    struct sandbox_checkout ended = *checkout;
    ASSERT(checkout->status == SANDBOX_OPEN && status != SANDBOX_OPEN);
    ended.status = status;
    ended.decline_code = decline_code;
    ended.pending_card = STR_NULL;
    ended.at = sandbox_now_us();
    struct sandbox_event *event = make_event(state, &ended);
    if (status == SANDBOX_SUCCEEDED) {
        charge.id = new_id(state, "ch_");
        charge.reference = checkout->reference;
        charge.currency = checkout->currency;
        charge.at = ended.at;
    }
    keep(state, &ended, status == SANDBOX_SUCCEEDED ? &charge : NULL, event);
    *checkout = ended;
    if (status == SANDBOX_SUCCEEDED)
        append_charge(state, &charge);
    append_event(state, event);
    return event;
}

static struct sandbox_checkout *expire(struct sandbox_state *state,
                                       struct sandbox_checkout *checkout)
{
    if (checkout != NULL && checkout->status == SANDBOX_OPEN &&
        sandbox_now_us() > checkout->created_at + SANDBOX_EXPIRES_US)
        sandbox_end(state, checkout, SANDBOX_EXPIRED, STR_NULL);
    return checkout;
}

struct sandbox_checkout *sandbox_find_id(struct sandbox_state *state, struct str id)
{
    return expire(state, find_raw(state, id));
}

struct sandbox_checkout *sandbox_find_reference(struct sandbox_state *state, struct str reference)
{
    for (size_t i = state->checkout_count; i-- > 0;) {
        if (str_eq(state->checkouts[i]->reference, reference))
            return expire(state, state->checkouts[i]);
    }
    return NULL;
}

struct sandbox_checkout *sandbox_add(struct sandbox_state *state,
                                     const struct sandbox_checkout *from)
{
    if (state->checkout_count == SANDBOX_CHECKOUTS_MAX)
        return NULL;
    struct arena *arena = &state->arena;
    struct sandbox_checkout *made = ARENA_NEW(arena, struct sandbox_checkout);
    *made = (struct sandbox_checkout){
        .id = new_id(state, "cs_"),
        .reference = arena_str(arena, from->reference),
        .currency = arena_str(arena, from->currency),
        .description = arena_str(arena, from->description),
        .return_url = arena_str(arena, from->return_url),
        .locale = arena_str(arena, from->locale),
        .amount_minor = from->amount_minor,
        .status = SANDBOX_OPEN,
        .created_at = sandbox_now_us(),
    };
    made->at = made->created_at;
    keep(state, made, NULL, NULL);
    append_checkout(state, made);
    return made;
}

void sandbox_wait(struct sandbox_state *state, struct sandbox_checkout *checkout,
                  struct str pending_card)
{
    struct sandbox_checkout waiting = *checkout;
    waiting.pending_card = pending_card;
    keep(state, &waiting, NULL, NULL);
    *checkout = waiting;
}

void sandbox_delivered(struct sandbox_state *state, struct sandbox_event *event)
{
    struct arena_mark mark = arena_mark(&state->arena);
    struct buf line;
    struct json_writer out;
    event->delivered = true;
    buf_init(&line, &state->arena, SANDBOX_LINE_BYTES_MAX);
    json_writer_init(&out, &line);
    json_object(&out, NULL);
    json_str(&out, "delivered", event->id);
    json_object_end(&out);
    keep_line(state, &line);
    arena_return(&state->arena, mark);
}
