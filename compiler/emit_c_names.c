/* Names and sizes in emitted C: what a kernel calls x is x there too, unless C has taken the word. */
#include "compiler/emit_c_parts.h"

#include <string.h>

static const char *const taken_words[] = {
    "alignas", "alignof", "and", "and_eq", "asm", "auto", "bitand", "bitor", "bool", "break", "case", "catch", "char",
    "class", "compl", "concept", "const", "constexpr", "const_cast", "continue", "decltype", "default", "delete", "do",
    "double", "dynamic_cast", "else", "enum", "explicit", "export", "extern", "false", "float", "for", "friend", "goto",
    "if", "inline", "int", "long", "main", "mutable", "namespace", "new", "noexcept", "not", "not_eq", "nullptr",
    "operator", "or", "or_eq", "private", "protected", "public", "register", "reinterpret_cast", "requires", "restrict",
    "return", "short", "signed", "sizeof", "static", "static_assert", "static_cast", "struct", "switch", "template",
    "this", "thread_local", "throw", "true", "try", "typedef", "typeid", "typename", "union", "unsigned", "using",
    "virtual", "void", "volatile", "wchar_t", "while", "xor", "xor_eq", "linux", "unix",
};

/* Names of the prelude begin with an element type; see emit_c_prelude.c. */
static int is_prelude_name(const char *name) {
    if (strncmp(name, "dlc_", 4) == 0 || strncmp(name, "DLC_", 4) == 0) {
        return 1;
    }
    for (int t = 0; t < DT_COUNT; t++) {
        const char *element = dtype_name((DType)t);
        size_t len = strlen(element);
        if (strncmp(name, element, len) == 0 && (name[len] == '_' || strncmp(name + len, "x16", 3) == 0)) {
            return 1;
        }
    }
    return strncmp(name, "int", 3) == 0 || strncmp(name, "uint", 4) == 0;
}

const char *c_name(EmitC *e, const Symbol *name) {
    char *text = arena_text(e->arena, name->text, name->len);
    for (char *p = text; *p; p++) {
        int is_letter = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || *p == '_';
        if (!is_letter && !(*p >= '0' && *p <= '9')) {
            *p = '_';
        }
    }
    int is_taken = is_prelude_name(text);
    for (size_t i = 0; i < sizeof taken_words / sizeof taken_words[0]; i++) {
        is_taken |= strcmp(text, taken_words[i]) == 0;
    }
    if (is_taken) {
        return arena_printf(e->arena, "%s_", text);
    }
    if (!text[0] || (text[0] >= '0' && text[0] <= '9') || text[0] == '_') {
        return arena_printf(e->arena, "x%s", text);
    }
    return text;
}

/* ---- sizes -------------------------------------------------------------------------------------------- */

static const char *size_function(EmitC *e, const char *word, const char *value) {
    const char *name = arena_printf(e->arena, "dlc_size_%s", word);
    const Symbol *key = symbol(&e->session->symbols, name);
    if (!map_has(&e->have, key)) {
        map_set(e->arena, &e->have, key, (void *)key);
        text_printf(&e->prelude, "\nDLC_INLINE int64_t %s(int64_t a, int64_t b) {\n    return %s;\n}\n", name, value);
    }
    return name;
}

static const char *atom_text(EmitC *e, const DimAtom *atom) {
    const char *function = NULL;
    switch (atom->kind) {
    case DIM_NAME: {
        const char *name = map_get(&e->dims, atom->name);
        return name ? name : c_name(e, atom->name->name);
    }
    case DIM_EXACT_DIV:
        return arena_printf(e->arena, "((%s)/(%s))", c_dim(e, atom->a), c_dim(e, atom->b));
    case DIM_FLOOR_DIV:
        function = size_function(e, "floor_div", "a / b - (a % b != 0 && (a % b < 0) != (b < 0))");
        break;
    case DIM_MOD:
        function = size_function(e, "mod", "a % b + (a % b != 0 && (a % b < 0) != (b < 0) ? b : 0)");
        break;
    case DIM_MIN: function = size_function(e, "min", "a < b ? a : b"); break;
    case DIM_MAX: function = size_function(e, "max", "a > b ? a : b"); break;
    }
    return arena_printf(e->arena, "%s(%s, %s)", function, c_dim(e, atom->a), c_dim(e, atom->b));
}

static void add_term(EmitC *e, Text *out, const DimTerm *term, int is_first) {
    int64_t size = term->coefficient < 0 && !is_first ? -term->coefficient : term->coefficient;
    if (!is_first) {
        text_add(out, term->coefficient < 0 ? " - " : " + ");
    }
    int needs_product = 0;
    if (size != 1 || term->power_count == 0) {
        text_add(out, c_constant(e, DT_I64, size, 0));
        needs_product = 1;
    }
    for (int p = 0; p < term->power_count; p++) {
        for (int n = 0; n < term->powers[p].power; n++) {
            text_printf(out, "%s%s", needs_product ? "*" : "", atom_text(e, term->powers[p].atom));
            needs_product = 1;
        }
    }
}

const char *c_dim(EmitC *e, const Dim *dim) {
    if (dim->term_count == 0) {
        return "0";
    }
    Text out = text_new(e->arena);
    for (int i = 0; i < dim->term_count; i++) {
        add_term(e, &out, &dim->terms[i], i == 0);
    }
    return text_str(&out);
}

const char *c_test(EmitC *e, const DimTest *test) {
    switch (test->kind) {
    case DIM_TEST_EQUAL: return arena_printf(e->arena, "(%s == %s)", c_dim(e, test->a), c_dim(e, test->b));
    case DIM_TEST_AT_MOST: return arena_printf(e->arena, "(%s <= %s)", c_dim(e, test->a), c_dim(e, test->b));
    case DIM_TEST_NOT: return arena_printf(e->arena, "!%s", c_test(e, test->left));
    case DIM_TEST_AND: return arena_printf(e->arena, "(%s && %s)", c_test(e, test->left), c_test(e, test->right));
    case DIM_TEST_OR: return arena_printf(e->arena, "(%s || %s)", c_test(e, test->left), c_test(e, test->right));
    }
    ICE("dim test %d", (int)test->kind);
}

/* ---- the source --------------------------------------------------------------------------------------- */

void c_source_lines(EmitC *e, const Span *spans, int count, Text *out) {
    const Source *last_source = NULL;
    int last_line = 0;
    for (int i = 0; i < count; i++) {
        if (!spans[i].end) {
            continue;
        }
        Place place = source_place(&e->session->sources, spans[i].begin);
        if (!place.source || (place.source == last_source && place.line == last_line)) {
            continue;
        }
        last_source = place.source;
        last_line = place.line;
        int len;
        const char *line = source_line(place.source, place.line, &len);
        while (len && (*line == ' ' || *line == '\t')) {
            line++;
            len--;
        }
        text_printf(out, "\n * %s:%d: ", place.source->name, place.line);
        for (int c = 0; c < len; c++) { /* no end of a comment, no nested one, no line joined to the next */
            int is_odd = (line[c] == '/' && c && line[c - 1] == '*') || (line[c] == '*' && c && line[c - 1] == '/') ||
                         line[c] == '\\';
            text_char(out, is_odd ? '.' : line[c]);
        }
    }
}

void c_opening(Text *out) {
    text_add(out,
        "#include <stdint.h>\n"
        "\n"
        "/* Every operation rounds once and in its own type: no contraction, no reordering, no library calls. */\n"
        "#if defined(__FAST_MATH__)\n"
        "#error \"compile without -ffast-math: results are defined to the last bit\"\n"
        "#endif\n"
        "#if defined(__FLT_EVAL_METHOD__) && (__FLT_EVAL_METHOD__ == 1 || __FLT_EVAL_METHOD__ == 2)\n"
        "#error \"compile for arithmetic without extra digits, as with -msse2 -mfpmath=sse\"\n"
        "#endif\n"
        "#if defined(__clang__)\n"
        "#pragma STDC FP_CONTRACT OFF\n"
        "#elif defined(__GNUC__)\n"
        "#pragma GCC optimize(\"fp-contract=off\", \"no-tree-loop-distribute-patterns\")\n"
        "#endif\n"
        "\n"
        "#if defined(__clang__)\n"
        "#define DLC_INLINE static inline __attribute__((always_inline, unused))\n"
        "#define DLC_KERNEL static __attribute__((no_builtin(\"memset\", \"memcpy\", \"memmove\")))\n"
        "#define DLC_LANES\n"
        "#elif defined(__GNUC__)\n"
        "#define DLC_INLINE static inline __attribute__((always_inline, unused))\n"
        "#define DLC_KERNEL static\n"
        "#define DLC_LANES _Pragma(\"GCC unroll 1\") /* to be seen by the vectoriser as a loop */\n"
        "#else\n"
        "#define DLC_INLINE static inline\n"
        "#define DLC_KERNEL static\n"
        "#define DLC_LANES\n"
        "#endif\n"
        "#if defined(__GNUC__)\n"
        "#define DLC_LOOP __asm__ __volatile__(\"\" : : : \"memory\") /* never becomes a call of memcpy */\n"
        "#else\n"
        "#define DLC_LOOP\n"
        "#endif\n"
        "/* Whether the compiler knows a value; what is wanted soon. */\n"
        "#if defined(__GNUC__)\n"
        "#define DLC_KNOWN(n) __builtin_constant_p(n)\n"
        "#define DLC_PREFETCH(at) __builtin_prefetch(at)\n"
        "#else\n"
        "#define DLC_KNOWN(n) 0\n"
        "#define DLC_PREFETCH(at) ((void)(at))\n"
        "#endif\n"
        "/* Sixteen lanes: a vector, which optimisers follow as one value where an array is memory.  gcc's is in a\n"
        "   struct and aligned little: so to pass it is no matter of the ABI's version.  With AVX alone gcc keeps an\n"
        "   array in registers, and such a vector in memory. */\n"
        "#if defined(__clang__)\n"
        "#pragma clang diagnostic ignored \"-Wpsabi\" /* all functions that take them are inlined */\n"
        "#define DLC_VECTORS\n"
        "#define DLC_WIDE(type, name) typedef type name __attribute__((ext_vector_type(16)))\n"
        "#define DLC_V(x) (x)\n"
        "#elif defined(__GNUC__) && (defined(__AVX512F__) || !defined(__AVX__))\n"
        "#define DLC_GNU_VECTORS\n"
        "#define DLC_VECTOR(type, name) \\\n"
        "    typedef type name __attribute__((vector_size(16 * sizeof(type)), aligned(16)))\n"
        "#define DLC_WIDE(type, name) DLC_VECTOR(type, name##_lanes); typedef struct { name##_lanes v; } name\n"
        "#define DLC_V(x) (x).v\n"
        "#else\n"
        "#define DLC_WIDE(type, name) typedef struct { type v[16]; } name\n"
        "#define DLC_V(x) (x).v\n"
        "#endif\n"
        "#if defined(__GNUC__)\n"
        "#define DLC_RESTRICT __restrict\n"
        "#elif !defined(__cplusplus)\n"
        "#define DLC_RESTRICT restrict\n"
        "#else\n"
        "#define DLC_RESTRICT\n"
        "#endif\n"
        "\n"
        "#if !defined(DLC_PORTABLE) && defined(__GNUC__)\n"
        "#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)\n"
        "#define DLC_HAS_FMA\n"
        "#endif\n"
        "#if defined(__SSE2__)\n"
        "#define DLC_X86\n"
        "#elif defined(__aarch64__)\n"
        "#define DLC_ARM\n"
        "#endif\n"
        "#endif\n"
        "#if defined(DLC_X86) && defined(__AVX__)\n"
        "#define DLC_SQRTSS(x) \"vsqrtss \" x \", \" x \", %0\"\n"
        "#define DLC_SQRTSD(x) \"vsqrtsd \" x \", \" x \", %0\"\n"
        "#elif defined(DLC_X86)\n"
        "#define DLC_SQRTSS(x) \"sqrtss \" x \", %0\"\n"
        "#define DLC_SQRTSD(x) \"sqrtsd \" x \", %0\"\n"
        "#endif\n"
        "#if defined(DLC_HAS_FMA)\n"
        "#define DLC_FMA_F32(a, b, c) __builtin_fmaf(a, b, c)\n"
        "#define DLC_FMA_F64(a, b, c) __builtin_fma(a, b, c)\n"
        "#define DLC_FMA_INLINE DLC_INLINE\n"
        "#if defined(DLC_VECTORS)\n"
        "#if __has_builtin(__builtin_elementwise_fma)\n"
        "#define DLC_VECTOR_FMA(a, b, c) return __builtin_elementwise_fma(a, b, c);\n"
        "#else /* in this one function clang may, and does, contract */\n"
        "#define DLC_VECTOR_FMA(a, b, c) _Pragma(\"STDC FP_CONTRACT ON\") return (a) * (b) + (c);\n"
        "#endif\n"
        "#endif\n"
        "#elif defined(__GNUC__)\n"
        "#define DLC_FMA_INLINE static __attribute__((noinline, unused))\n"
        "#else\n"
        "#define DLC_FMA_INLINE static\n"
        "#endif\n"
        "#if defined(DLC_GNU_VECTORS) && !defined(DLC_HAS_FMA)\n"
        "#define DLC_FMA_LANES DLC_FMA_INLINE /* long: once, not at each use */\n"
        "#else\n"
        "#define DLC_FMA_LANES DLC_INLINE\n"
        "#endif\n");
}
