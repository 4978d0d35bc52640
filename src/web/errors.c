#include "web/errors.h"

static const struct {
    int status;
    const char *title, *words;
} errors[] = {
    {403, "Not allowed", "You can't do this here. Go back, load the page again and try once more."},
    {404, "Page not found", "There is nothing at this address, or it isn't yours to see."},
    {405, "Not allowed", "You can't do this here. Go back, load the page again and try once more."},
    {413, "Too large", "That was more than can be taken at once."},
    {429, "Too many attempts", "Wait a little, then try again."},
    {503, "Busy just now", "Wait a moment, then load the page again."},
    {500, "Something went wrong", "It isn't your fault, and it has been written down."},
    {400, "That can't be read",
     "Go back, load the page again and try once more."}, /* and the rest */
};
#define ERROR_COUNT (sizeof errors / sizeof errors[0])

void error_view_fill(struct error_view *view, const struct locale *locale, int status,
                     struct str request_id)
{
    size_t index = 0;
    int known = status > 500 && status != 503 ? 500 : status;
    while (index + 1 < ERROR_COUNT && errors[index].status != known)
        index++;
    view->frame.title = locale_words(locale, str_of(errors[index].title));
    view->words = locale_words(locale, str_of(errors[index].words));
    view->request_id = status >= 500 ? request_id : STR("");
}
