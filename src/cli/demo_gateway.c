#include "cli/demo_gateway.h"

#include "base/assert.h"
#include "connectors/http_call.h"
#include "connectors/sandbox_gateway.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECRET_BYTES   24
#define START_MS       20000
#define LINE_BYTES_MAX 512
#define ARGUMENTS_MAX  10

struct child {
    const char *arguments[ARGUMENTS_MAX];
    const char **environment;
};

static struct str chance(struct arena *arena, const char *prefix)
{
    unsigned char bytes[SECRET_BYTES];
    char text[sodium_base64_ENCODED_LEN(SECRET_BYTES, sodium_base64_VARIANT_ORIGINAL)];
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2base64(text, sizeof text, bytes, sizeof bytes, sodium_base64_VARIANT_ORIGINAL);
    return arena_fmt(arena, "%s%s", prefix, text);
}

/* Ours, with the gateway's settings replaced. */
static const char **environment_with(struct arena *arena, struct str key, struct str secret)
{
    size_t count = 0;
    size_t kept = 0;
    while (environ[count] != NULL)
        count++;
    const char **made = ARENA_ARRAY(arena, count + 4, const char *);
    for (size_t i = 0; i < count; i++) {
        if (!str_starts(str_of(environ[i]), STR("BILLOW_SANDBOX_GATEWAY_")) &&
            !str_starts(str_of(environ[i]), STR("BILLOW_LOG_LEVEL=")))
            made[kept++] = environ[i];
    }
    made[kept++] = arena_fmt(arena, "BILLOW_SANDBOX_GATEWAY_KEY=%.*s", STR_ARG(key)).ptr;
    made[kept++] = arena_fmt(arena, "BILLOW_SANDBOX_GATEWAY_SECRET=%.*s", STR_ARG(secret)).ptr;
    made[kept++] = "BILLOW_LOG_LEVEL=warn"; /* not each card */
    made[kept] = NULL;
    return made;
}

/* In the child, until it is another program. */
_Noreturn static void become(const struct child *child, int output, pid_t parent)
{
    sigset_t none;
    sigemptyset(&none);
    pthread_sigmask(SIG_SETMASK, &none, NULL);
    if (prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 && getppid() == parent &&
        dup2(output, STDOUT_FILENO) >= 0)
        execve("/proc/self/exe", (char *const *)child->arguments,
               (char *const *)child->environment);
    _exit(127);
}

static enum err start_process(struct fault *fault, const struct child *child,
                              struct demo_gateway *gateway)
{
    int ends[2];
    pid_t parent = getpid();
    if (pipe(ends) != 0)
        return fault_errno(fault, ERR_IO, STR("pipe"));
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        become(child, ends[1], parent);
    }
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return fault_errno(fault, ERR_UNAVAILABLE, STR("fork"));
    }
    gateway->pid = pid;
    gateway->output = ends[0];
    return ERR_NONE;
}

/* "sandbox gateway on http://localhost:4711, listening on …": the address. */
static enum err read_address(struct arena *arena, struct fault *fault,
                             const struct demo_gateway *gateway, struct str *url)
{
    char line[LINE_BYTES_MAX];
    size_t len = 0;
    struct str before = STR("sandbox gateway on ");
    while (len < sizeof line && memchr(line, '\n', len) == NULL) {
        struct pollfd wait = {.fd = gateway->output, .events = POLLIN};
        if (poll(&wait, 1, START_MS) != 1)
            break;
        ssize_t got = read(gateway->output, line + len, sizeof line - len);
        if (got <= 0)
            break;
        len += (size_t)got;
    }
    struct str said = {line, len};
    ptrdiff_t comma = str_find(said, ',');
    if (!str_starts(said, before) || comma < 0)
        return fault_set(fault, ERR_UNAVAILABLE, "the sandbox gateway did not start");
    *url = arena_str(arena, str_slice(said, before.len, (size_t)comma));
    return ERR_NONE;
}

enum err demo_gateway_start(struct arena *arena, struct fault *fault, struct str state_path,
                            struct str webhook_url, struct demo_gateway *gateway)
{
    struct sandbox_options options = {.api_key = chance(arena, ""),
                                      .webhook_secret = chance(arena, "whsec_")};
    struct child child = {
        .arguments = {"billow", "sandbox-gateway", "--listen", "localhost:0", "--state",
                      arena_cstr(arena, state_path)},
        .environment = environment_with(arena, options.api_key, options.webhook_secret),
    };
    *gateway = (struct demo_gateway){.output = -1};
    if (!str_is_null(webhook_url)) {
        child.arguments[6] = "--webhook-url";
        child.arguments[7] = arena_cstr(arena, webhook_url);
    }
    TRY(start_process(fault, &child, gateway));
    enum err err = read_address(arena, fault, gateway, &options.url);
    if (err == ERR_NONE)
        err = sandbox_gateway_open(&options, fault, &gateway->gateway);
    if (err != ERR_NONE)
        demo_gateway_stop(gateway);
    return err;
}

void demo_gateway_stop(struct demo_gateway *gateway)
{
    if (gateway->pid == 0)
        return;
    ASSERT(gateway->pid > 0);
    kill(gateway->pid, SIGTERM);
    while (waitpid(gateway->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    close(gateway->output);
    gateway->pid = 0;
}

enum err demo_gateway_pay(struct arena *arena, struct fault *fault, struct str page_url,
                          const char *card)
{
    struct http_reply reply;
    TRY(http_call(
        arena, fault,
        &(struct http_call){
            .method = "POST",
            .url = page_url,
            .headers = {{"Content-Type", STR("application/x-www-form-urlencoded")}},
            .body = arena_fmt(arena, "number=%s&expiry=12%%2F34&cvc=123&name=Demo+Customer&do=pay",
                              card),
        },
        &reply));
    if (reply.status >= 400)
        return fault_set(fault, ERR_GATEWAY, "the sandbox gateway's card form answered %ld",
                         reply.status);
    return ERR_NONE;
}
