#include "runtime/json.h"

#include "runtime/utf8.h"

#include <stdlib.h>
#include <string.h>

JsonReader json_reader(const char *text, size_t len) { return (JsonReader){text, text, text + len}; }

static void skip_blanks(JsonReader *json) {
    while (json->at < json->end && strchr(" \t\r\n", *json->at) && *json->at) json->at++;
}

int json_take(JsonReader *json, char mark) {
    skip_blanks(json);
    if (json->at == json->end || *json->at != mark) return 0;
    json->at++;
    return 1;
}

int json_at_end(JsonReader *json) {
    skip_blanks(json);
    return json->at == json->end;
}

int json_whole(JsonReader *json, int64_t *number) {
    skip_blanks(json);
    const char *first = json->at;
    *number = 0;
    for (; json->at < json->end && *json->at >= '0' && *json->at <= '9'; json->at++) {
        if (*number > ((int64_t)1 << 62) / 10 - 1) return 0;
        *number = *number * 10 + (*json->at - '0');
    }
    return json->at > first && (*first != '0' || json->at == first + 1);
}

static int hex4(JsonReader *json, uint32_t *code) {
    *code = 0;
    if (json->end - json->at < 4) return 0;
    for (int i = 0; i < 4; i++) {
        char c = *json->at++;
        int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
        if (digit < 0) return 0;
        *code = *code * 16 + (uint32_t)digit;
    }
    return 1;
}

/* Behind `\u`: one code point, of which the second half may follow as another `\u`. */
static int read_escaped_code(JsonReader *json, uint32_t *code) {
    uint32_t low;
    if (!hex4(json, code)) return 0;
    if (*code < 0xd800 || *code > 0xdfff) return *code != 0;
    if (*code > 0xdbff || json->end - json->at < 2 || json->at[0] != '\\' || json->at[1] != 'u') return 0;
    json->at += 2;
    if (!hex4(json, &low) || low < 0xdc00 || low > 0xdfff) return 0;
    *code = 0x10000 + ((*code - 0xd800) << 10) + (low - 0xdc00);
    return 1;
}

static int read_escape(JsonReader *json, uint32_t *code) {
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    if (json->at == json->end) return 0;
    char c = *json->at++;
    if (c == 'u') return read_escaped_code(json, code);
    const char *found = c ? strchr(names, c) : NULL;
    if (!found) return 0;
    *code = (unsigned char)values[found - names];
    return 1;
}

char *json_string(JsonReader *json) {
    if (!json_take(json, '"')) return NULL;
    const char *close = json->at;
    while (close < json->end && *close != '"') close += *close == '\\' ? 2 : 1;
    if (close >= json->end) return NULL;
    char *text = malloc((size_t)(close - json->at) + 1), *to = text;
    int is_good = text != NULL;
    while (is_good && json->at < close) {
        uint32_t code = 0;
        int len = utf8_decode(json->at, close, &code);
        is_good = len > 0 && code >= 0x20;
        json->at += len;
        if (is_good && code == '\\') is_good = read_escape(json, &code);
        if (is_good) to += utf8_encode(code, to); /* never longer than its escape */
    }
    if (!is_good) {
        free(text);
        return NULL;
    }
    *to = 0;
    json->at = close + 1;
    return text;
}

void json_write_string(FILE *out, const char *text) {
    fputc('"', out);
    for (const char *c = text; *c; c++) {
        if (*c == '"' || *c == '\\') fprintf(out, "\\%c", *c);
        else if ((unsigned char)*c < 0x20) fprintf(out, "\\u%04x", (unsigned)*c);
        else fputc(*c, out);
    }
    fputc('"', out);
}
