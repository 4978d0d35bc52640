#include "api/lago/lago.h"

/* The text form of a decimal is a JSON number as it stands: no exponent, no '+', no leading zeros.
 */
void lago_write_number(struct json_writer *w, const char *key, struct decimal value)
{
    char storage[DECIMAL_TEXT_MAX];
    struct buf text;
    if (decimal_is_none(value)) {
        json_null(w, key);
        return;
    }
    buf_fixed(&text, storage, sizeof storage);
    buf_decimal(&text, value);
    json_raw(w, key, buf_str(&text));
}
