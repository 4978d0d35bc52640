/* The audit trail: every change is in it, anchors prove it, and what was tampered with is named. */
#include "tests/app/world.h"

#include "app/audit_anchor.h"
#include "app/audit_export.h"
#include "app/audit_list.h"
#include "app/test_clock.h"
#include "app/verify.h"

#include <sys/stat.h>

#define SEED \
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60" /* RFC 8032, test 1 */
#define PUBLIC "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"

static void use_key(struct world *w)
{
    MUST(w, audit_key_parse(STR(SEED), &w->fault, &w->app.audit_key));
    MUST(w, audit_trust_keys(STR(PUBLIC), &w->fault, &w->app.audit_trust));
}

struct findings {
    char text[8192];
    size_t len;
};

static void gather(void *arg, struct str line)
{
    struct findings *findings = arg;
    findings->len +=
        (size_t)snprintf(findings->text + findings->len, sizeof findings->text - findings->len,
                         "%.*s\n", STR_ARG(line));
}

static struct verify_result verify(struct world *w, struct findings *findings)
{
    struct verify_result result;
    *findings = (struct findings){0};
    MUST(w, verify_books(&w->ctx, gather, findings, &result));
    return result;
}

#define CHECK_FOUND(findings, words)                                              \
    do {                                                                          \
        if (strstr((findings).text, (words)) == NULL) {                           \
            printf("    found instead of \"%s\":\n%s", (words), (findings).text); \
            test_fail(__FILE__, __LINE__, "not found");                           \
        }                                                                         \
    } while (0)

static bool anchor(struct world *w)
{
    bool made = false;
    MUST(w, audit_anchor_make(&w->ctx, &made));
    return made;
}

/* Three anchors: the organization's chain grows between them, and customer c's too. */
static void fill(struct world *w)
{
    world_open(w);
    use_key(w);
    at(w, "2024-01-01T00:00:00Z");
    make_tax(w, "vat", "19", true);
    make_customer(w, "c", "UTC");
    CHECK(anchor(w));
    make_metric(w, "calls", "count_agg", NULL);
    CHECK(anchor(w));
    set_grace(w, "c", 2);
    set_grace(w, "c", 3);
    CHECK(anchor(w));
    CHECK(!anchor(w)); /* nothing changed */
}

TEST(every_table_is_audited_or_says_why_not)
{
    for (size_t i = 0; i < sizeof not_audited / sizeof not_audited[0]; i++) {
        bool exists = false;
        for (const struct table_info *table = table_infos; table->name != NULL; table++)
            exists |= strcmp(table->name, not_audited[i].table) == 0;
        test_case = not_audited[i].table;
        CHECK(exists);
    }
    for (size_t i = 0; i < sizeof no_change / sizeof no_change[0]; i++) {
        bool exists = false;
        for (const struct query_file *file = query_files; file->name != NULL; file++) {
            for (const struct query *const *query = file->queries; *query != NULL; query++)
                exists |= strcmp((*query)->name, no_change[i].query) == 0;
        }
        test_case = no_change[i].query;
        CHECK(exists);
    }
}

TEST(a_change_without_an_entry_is_found_by_the_watch)
{
    static const struct query update = {.name = "sly", .sqlite = "UPDATE customer SET name = NULL"};
    static const struct query entry = {.name = "e", .sqlite = "INSERT INTO audit_entry (a)"};
    static const struct query event = {.name = "v", .sqlite = "INSERT INTO event (a)"};
    struct audited audited;
    audited_init(&audited);
    audited_note(&audited, "1", "begin write", NULL);
    audited_note(&audited, "1", "sly", &update);
    audited_note(&audited, "1", "e", &entry);
    audited_note(&audited, "1", "commit", NULL);
    audited_note(&audited, "2", "v", &event);
    audited_note(&audited, "2", "commit", NULL);
    audited_note(&audited, "1", "sly", &update);
    audited_note(&audited, "1", "rollback", NULL);
    CHECK_INT(audited.faults, 0);
    audited_note(&audited, "2", "e", &entry); /* another transaction's */
    audited_note(&audited, "1", "sly", &update);
    audited_note(&audited, "1", "commit", NULL);
    CHECK_INT(audited.faults, 1);
}

TEST(anchors_are_signed_and_whole)
{
    struct world w;
    struct findings findings;
    world_open(&w);
    use_key(&w);
    at(&w, "2024-01-01T00:00:00Z");
    CHECK(anchor(&w));
    make_customer(&w, "c", "UTC");
    CHECK(anchor(&w));
    struct audit_anchors anchors;
    MUST(&w, audit_anchor_list_page(&w.ctx, 10, 0, &anchors));
    REQUIRE(anchors.total == 2 && anchors.count == 2);
    CHECK_INT(anchors.items[0].anchor_number, 2);
    CHECK_INT(anchors.items[0].chain_count, 1); /* the organization's chain did not grow */
    struct verify_result result = verify(&w, &findings);
    CHECK_INT(result.findings, 0);
    CHECK_INT(result.anchors, 2);
    CHECK_INT(result.signed_anchors, 2);
    world_close(&w);
}

TEST(the_test_clock_anchors_once_a_day)
{
    struct world w;
    struct billing_progress progress;
    struct audit_anchors anchors;
    static const struct {
        const char *name;
        int64_t anchors;
    } days[] = {{"2024-01-01T10:00:00Z", 1},
                {"2024-01-01T23:00:00Z", 1},
                {"2024-01-02T00:00:00Z", 2},
                {"2024-01-09T00:00:00Z", 3}};
    world_open(&w);
    EACH(day, days) {
        MUST(&w, test_clock_set(&w.ctx, instant(day->name), true, &progress));
        MUST(&w, audit_anchor_list_page(&w.ctx, 10, 0, &anchors));
        CHECK_INT(anchors.total, day->anchors);
    }
    world_close(&w);
}

TEST(what_was_tampered_with_is_named)
{
    // clang-format off
    static const struct { const char *name, *sql, *wanted; } cases[] = {
        {"a field", "UPDATE audit_entry SET actor = 'someone' WHERE action = 'customer.create'",
         ": entry 1 (customer.create) was changed"},
        {"an entry in the middle", "DELETE FROM audit_entry WHERE entry_number = 2 AND action = 'customer.update'",
         ": entry 2 is missing"},
        {"the tail, its end moved back",
         "DELETE FROM audit_entry WHERE entry_number = 3 AND action = 'customer.update';"
         "UPDATE audit_head SET entry_number = 2, hash = (SELECT hash FROM audit_entry WHERE audit_entry.chain_id = audit_head.chain_id AND entry_number = 2) "
         "WHERE chain_id = (SELECT id FROM customer)",
         ": entry 3 is missing, which anchor 3 fixed"},
        {"a whole chain",
         "DELETE FROM audit_entry WHERE chain_id = (SELECT id FROM customer);"
         "DELETE FROM audit_head WHERE chain_id = (SELECT id FROM customer)",
         ": entry 1 is missing, which anchor 1 fixed"},
        {"only its end", "DELETE FROM audit_head WHERE chain_id = (SELECT id FROM customer)",
         "its end was deleted"},
        {"what an anchor fixed", "UPDATE audit_anchor_head SET hash = (SELECT heads_hash FROM audit_anchor WHERE anchor_number = 1) WHERE anchor_number = 2",
         "audit anchor 2: the ends that it fixed were changed"},
        {"fewer ends", "DELETE FROM audit_anchor_head WHERE anchor_number = 2",
         "audit anchor 2: it fixed the ends of 1 chains, 0 are left"},
        {"an anchor", "UPDATE audit_anchor SET anchored_at = anchored_at + 1 WHERE anchor_number = 2",
         "audit anchor 2 was changed"},
        {"an anchor in the middle", "DELETE FROM audit_anchor_head WHERE anchor_number = 2; DELETE FROM audit_anchor WHERE anchor_number = 2",
         "audit anchor 2 is missing"},
        {"a signature", "UPDATE audit_anchor SET signature = (SELECT b.signature FROM audit_anchor b WHERE b.anchor_number = 1) WHERE anchor_number = 3",
         "audit anchor 3: its signature is wrong"},
        {"a signature dropped", "UPDATE audit_anchor SET signature = NULL, public_key = NULL WHERE anchor_number = 3",
         "audit anchor 3: it is unsigned"},
    };
    // clang-format on
    EACH(c, cases) {
        struct world w;
        struct findings findings;
        fill(&w);
        CHECK_INT(verify(&w, &findings).findings, 0);
        tamper(&w, c->sql);
        CHECK(verify(&w, &findings).findings > 0);
        CHECK_FOUND(findings, c->wanted);
        world_close(&w);
    }
}

TEST(a_chain_rewritten_with_good_hashes_is_found_by_the_anchor)
{
    struct world w;
    struct findings findings;
    fill(&w);
    /* As the program itself would write it: other entries, good hashes, the end in place. */
    tamper(&w, "DELETE FROM audit_entry WHERE chain_id = (SELECT id FROM customer);"
               "DELETE FROM audit_head WHERE chain_id = (SELECT id FROM customer)");
    for (int64_t days = 7; days < 10; days++)
        set_grace(&w, "c", days);
    struct verify_result result = verify(&w, &findings);
    CHECK_INT(result.findings, 1);
    CHECK_FOUND(findings,
                ": rewritten between entry 1 and entry 1, whose hash is not what anchor 1 fixed");
    world_close(&w);
}

TEST(all_anchors_made_again_with_another_key_are_found)
{
    struct world w;
    struct findings findings;
    fill(&w);
    tamper(&w, "DELETE FROM audit_anchor_head; DELETE FROM audit_anchor");
    MUST(&w,
         audit_key_parse(STR("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"),
                         &w.fault, &w.app.audit_key)); /* RFC 8032, test 2 */
    CHECK(anchor(&w));
    verify(&w, &findings);
    CHECK_FOUND(findings, "audit anchor 1: signed by another key, "
                          "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    MUST(&w,
         audit_trust_keys(STR(PUBLIC ",3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12"
                                     "af4660c"),
                          &w.fault, &w.app.audit_trust));
    CHECK_INT(verify(&w, &findings).findings, 0);
    world_close(&w);
}

TEST(an_anchor_noted_elsewhere_proves_the_last_ones)
{
    struct world w;
    struct findings findings;
    struct audit_anchors anchors;
    fill(&w);
    MUST(&w, audit_anchor_list_page(&w.ctx, 1, 0, &anchors));
    w.app.audit_trust.noted_number = anchors.items[0].anchor_number;
    memcpy(w.app.audit_trust.noted_hash, anchors.items[0].hash.ptr, 32);
    CHECK_INT(verify(&w, &findings).findings, 0);
    tamper(&w, "DELETE FROM audit_anchor_head WHERE anchor_number = 3;"
               "DELETE FROM audit_anchor WHERE anchor_number = 3");
    CHECK_INT(verify(&w, &findings).findings, 1);
    CHECK_FOUND(findings, "audit anchor 3, which was noted, is missing: there are 2");
    CHECK(anchor(&w)); /* a third one, but another */
    w.app.audit_trust.noted_hash[0] ^= 1;
    verify(&w, &findings);
    CHECK_FOUND(findings, "audit anchor 3 is not the one that was noted");
    CHECK(audit_trust_note(STR("3:12"), &w.fault, &w.app.audit_trust) == ERR_INVALID);
    CHECK(audit_trust_note(STR("x"), &w.fault, &w.app.audit_trust) == ERR_INVALID);
    world_close(&w);
}

static struct audit_entries entries_of(struct world *w, struct audit_filter filter)
{
    struct audit_entries entries = {0};
    if (filter.from_at == 0)
        filter.from_at = TIME_NONE;
    if (filter.to_at == 0)
        filter.to_at = TIME_NONE;
    MUST(w, audit_list(&w->ctx, &filter, 100, 0, &entries));
    return entries;
}

TEST(entries_are_listed_by_what_is_asked)
{
    struct world w;
    struct audit_entries found;
    world_open(&w);
    at(&w, "2024-01-01T00:00:00Z");
    make_customer(&w, "c", "UTC");
    make_customer(&w, "d", "UTC");
    at(&w, "2024-01-02T00:00:00Z");
    set_grace(&w, "c", 5);
    make_tax(&w, "vat", "19", true);
    found = entries_of(&w, (struct audit_filter){.external_customer_id = STR("c")});
    REQUIRE(found.total == 2 && found.count == 2);
    CHECK_STR(found.items[0].action, "customer.update"); /* newest first */
    CHECK_STR(found.items[0].actor, "key:test");
    CHECK_STR(found.items[1].action, "customer.create");
    struct str id = uuid_text(&w.arena, found.items[0].object_id);
    CHECK_INT(entries_of(&w, (struct audit_filter){.object_id = id}).total, 2);
    CHECK_INT(entries_of(&w, (struct audit_filter){.customer_id = id}).total, 2);
    CHECK_INT(entries_of(&w, (struct audit_filter){.action = STR("customer")}).total, 3);
    CHECK_INT(entries_of(&w, (struct audit_filter){.action = STR("tax.create")}).total, 1);
    CHECK_INT(entries_of(&w, (struct audit_filter){.action = STR("t_x.create")}).total, 0);
    CHECK_INT(
        entries_of(&w, (struct audit_filter){.actor = STR("start")}).total,
        entries_of(&w, (struct audit_filter){.to_at = instant("2024-01-01T00:00:00Z")}).total);
    CHECK_INT(entries_of(&w, (struct audit_filter){.action = STR("customer"),
                                                   .from_at = instant("2024-01-02T00:00:00Z")})
                  .total,
              1);
    struct audit_filter bad = {.object_id = STR("no id"), .from_at = TIME_NONE, .to_at = TIME_NONE};
    CHECK(audit_list(&w.ctx, &bad, 1, 0, &found) == ERR_INVALID);
    fault_reset(&w.fault);
    bad = (struct audit_filter){
        .external_customer_id = STR("x"), .from_at = TIME_NONE, .to_at = TIME_NONE};
    CHECK(audit_list(&w.ctx, &bad, 1, 0, &found) == ERR_NOT_FOUND);
    world_close(&w);
}

TEST(a_key_file_is_its_owners_alone)
{
    char folder[] = "/tmp/billow-test-XXXXXX";
    char path[64];
    struct arena arena;
    struct fault fault;
    struct audit_key made = {0};
    struct audit_key read = {0};
    arena_init(&arena);
    fault_init(&fault, &arena);
    REQUIRE(mkdtemp(folder) != NULL);
    snprintf(path, sizeof path, "%s/a.audit-key", folder);
    CHECK(audit_key_read(path, &fault, &read) == ERR_NOT_FOUND);
    CHECK(audit_key_make(path, &fault, &made) == ERR_NONE);
    CHECK(audit_key_read(path, &fault, &read) == ERR_NONE);
    CHECK(read.signs && memcmp(&made, &read, sizeof made) == 0);
    CHECK(audit_key_make(path, &fault, &read) == ERR_NONE); /* another was quicker: its key */
    CHECK(memcmp(&made, &read, sizeof made) == 0);
    CHECK(chmod(path, 0640) == 0);
    CHECK(audit_key_read(path, &fault, &read) == ERR_INVALID);
    unlink(path);
    rmdir(folder);
    CHECK_STR(audit_key_path(&arena, STR("sqlite:a/b.db")), "a/b.db.audit-key");
    CHECK_STR(audit_key_path(&arena, STR("postgresql://x")), "billow.audit-key");
    CHECK(str_is_null(audit_key_path(&arena, STR("sqlite::memory:"))));
    arena_clear(&arena);
}
