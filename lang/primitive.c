#include "lang/primitive.h"

static const char *const primitive_names[PRIM_COUNT] = {
#define PR(id, name, rule) name,
#define PC(id, name, rule)
#include "lang/primitive.def"
#undef PR
#undef PC
};

static const char *const procedure_names[PROC_COUNT] = {
#define PR(id, name, rule)
#define PC(id, name, rule) name,
#include "lang/primitive.def"
#undef PR
#undef PC
};

const char *primitive_name(PrimitiveKind kind) { return primitive_names[kind]; }

const char *procedure_name(ProcedureKind kind) { return procedure_names[kind]; }
