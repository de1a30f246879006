#include "lang/type.h"

#include "lang/typed.h"

static const char *element_text(const Type *t) {
    if (t->element == ELEMENT_ANY) return "any";
    if (t->element == ELEMENT_FLOAT) return "float";
    return dtype_name(t->dtype);
}

static void print_axis(Text *out, const Axis *axis) {
    if (axis->pack) {
        text_printf(out, "..%s", axis->pack->name ? axis->pack->name->text : "");
        return;
    }
    if (axis->is_stretchable) {
        text_add(out, "new");
        return;
    }
    dim_print(out, axis->dim);
}

static void print_tensor(Text *out, const Type *t) {
    if (t->index_bound) {
        text_add(out, "index[");
        dim_print(out, t->index_bound);
        text_char(out, ']');
    } else {
        text_add(out, element_text(t));
    }
    if (!t->rank) return;
    for (int i = 0; i < t->rank; i++) {
        text_add(out, i ? ", " : "[");
        print_axis(out, &t->axes[i]);
    }
    text_char(out, ']');
}

void type_print(Text *out, const Type *type) {
    switch (type->kind) {
    case TY_ERROR: text_add(out, "?"); return;
    case TY_UNIT: text_add(out, "nothing"); return;
    case TY_TENSOR: print_tensor(out, type); return;
    case TY_TUPLE:
    case TY_RECORD:
        text_char(out, '(');
        for (int i = 0; i < type->count; i++) {
            if (i) text_add(out, ", ");
            if (type->fields[i].name) text_printf(out, "%s: ", type->fields[i].name->text);
            type_print(out, type->fields[i].type);
        }
        text_char(out, ')');
        return;
    case TY_INSTANCE: text_add(out, type->layout->layer->text); return;
    case TY_FUNCTION: text_add(out, "a function"); return;
    case TY_STRING: text_add(out, "string"); return;
    }
}

const char *type_text(Arena *arena, const Type *type) {
    Text out = text_new(arena);
    type_print(&out, type);
    return text_str(&out);
}
