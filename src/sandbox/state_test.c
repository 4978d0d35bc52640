/* state_test.c - the sandbox gateway's journal: what was told is remembered, a half line is not. */
#include "tests/test.h"

#include "sandbox/card.h"
#include "sandbox/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char path[] = "/tmp/billow-sandbox-XXXXXX";

static void open_state(struct sandbox_state *state, struct arena *arena, enum err want)
{
    struct fault fault;
    fault_init(&fault, arena);
    REQUIRE(sandbox_state_open(state, path, &fault) == want);
}

static void append(const char *text)
{
    FILE *file = fopen(path, "a");
    REQUIRE(file != NULL);
    fputs(text, file);
    fclose(file);
}

static void make_file(void)
{
    snprintf(path, sizeof path, "/tmp/billow-sandbox-XXXXXX");
    int fd = mkstemp(path);
    REQUIRE(fd >= 0);
    close(fd);
}

TEST(sandbox_remembers)
{
    struct sandbox_state state;
    struct arena arena;
    arena_init(&arena);
    make_file();
    open_state(&state, &arena, ERR_NONE);
    struct sandbox_checkout *paid =
        sandbox_add(&state, &(struct sandbox_checkout){.reference = STR("r-1"),
                                                       .currency = STR("EUR"),
                                                       .description = STR("Invoice \"1\"\n"),
                                                       .amount_minor = 7080});
    struct sandbox_checkout *open =
        sandbox_add(&state, &(struct sandbox_checkout){.reference = STR("r-2"),
                                                       .currency = STR("JPY"),
                                                       .description = STR(""),
                                                       .return_url = STR("http://a/b"),
                                                       .amount_minor = 1});
    sandbox_wait(&state, open, STR("4000002760003184"));
    struct sandbox_event *event = sandbox_end(&state, paid, SANDBOX_SUCCEEDED, STR_NULL);
    sandbox_delivered(&state, event);
    struct str id = arena_str(&arena, paid->id);
    sandbox_state_close(&state);
    append("{\"checkout\":{\"id\":\"cs_half\",\"reference\":\"r-3\"");

    open_state(&state, &arena, ERR_NONE);
    REQUIRE(state.checkout_count == 2);
    REQUIRE(state.charge_count == 1);
    REQUIRE(state.event_count == 1);
    paid = sandbox_find_id(&state, id);
    REQUIRE(paid != NULL);
    CHECK_INT(paid->status, SANDBOX_SUCCEEDED);
    CHECK_STR(paid->description, "Invoice \"1\"\n");
    CHECK_INT(state.charges[0].amount_minor, 7080);
    CHECK_STR(state.charges[0].reference, "r-1");
    CHECK_INT(state.events[0]->delivered, true);
    open = sandbox_find_reference(&state, STR("r-2"));
    REQUIRE(open != NULL);
    CHECK_STR(open->pending_card, "4000002760003184");
    CHECK_STR(open->return_url, "http://a/b");
    CHECK(str_is_null(paid->return_url));
    /* The half line is gone, so the next one is whole. */
    sandbox_end(&state, open, SANDBOX_FAILED, STR("expired_card"));
    sandbox_state_close(&state);
    open_state(&state, &arena, ERR_NONE);
    open = sandbox_find_reference(&state, STR("r-2"));
    REQUIRE(open != NULL);
    CHECK_INT(open->status, SANDBOX_FAILED);
    CHECK_STR(open->decline_code, "expired_card");
    CHECK_INT(state.charge_count, 1);
    CHECK_INT(state.events[1]->delivered, false);
    sandbox_state_close(&state);
    struct stat st;
    REQUIRE(stat(path, &st) == 0);
    CHECK_INT(st.st_mode & 0777, 0600);
    unlink(path);
    arena_clear(&arena);
}

TEST(sandbox_refuses_a_journal_that_is_none)
{
    struct sandbox_state state;
    struct arena arena;
    arena_init(&arena);
    make_file();
    append("not a step\n{\"checkout\":{}}\n");
    open_state(&state, &arena, ERR_CORRUPT);
    sandbox_state_close(&state);
    unlink(path);
    arena_clear(&arena);
}

TEST(sandbox_cards)
{
    for (const struct card *card = cards; card->number != NULL; card++) {
        CHECK(card_number_is_valid(str_of(card->number)));
        CHECK(card_find(str_of(card->number)) == card);
    }
    CHECK(card_find(STR("4242 4242 4242 4242")) == &cards[0]);
    CHECK(card_find(STR("4242-4242-4242-4242")) == &cards[0]);
    CHECK(card_find(STR("4111111111111111")) == NULL); /* valid, but no test card */
    CHECK(card_number_is_valid(STR("4111111111111111")));
    CHECK(!card_number_is_valid(STR("4242424242424241")));
    CHECK(!card_number_is_valid(STR("4242 4242 4242 424x")));
    CHECK(!card_number_is_valid(STR("42424242424242424242424242424242")));
    CHECK(!card_number_is_valid(STR("")));
}
