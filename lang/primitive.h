/* The primitives and procedures of the language (primitive.def) as enums, and how an index bracket is encoded. */
#ifndef DLC_LANG_PRIMITIVE_H
#define DLC_LANG_PRIMITIVE_H

typedef enum PrimitiveKind {
#define PR(id, name, rule) PRIM_##id,
#define PC(id, name, rule)
#include "lang/primitive.def"
#undef PR
#undef PC
    PRIM_COUNT
} PrimitiveKind;

typedef enum ProcedureKind {
#define PR(id, name, rule)
#define PC(id, name, rule) PROC_##id,
#include "lang/primitive.def"
#undef PR
#undef PC
    PROC_COUNT
} ProcedureKind;

/* PRIM_INDEX: statics.axes holds one code per element of the bracket, in order, `..` written out:
 *   INDEX_KEEP   the axis as it is (`_`)
 *   INDEX_NEW    a stretchable axis (`new`)
 *   INDEX_AT     one index: the next argument, a scalar or tensor of indexes; scalars drop the axis, several
 *                tensors broadcast and go in pairs, their axes where the first stood
 *   INDEX_SLICE  lo..hi: the start is the next argument (scalar), the length is the next of statics.dims
 * A negative constant index was made positive by the checker. */
enum { INDEX_KEEP, INDEX_NEW, INDEX_AT, INDEX_SLICE };

/* PROC_ROWS: how the records are chosen.  args[0] is the set; a range has its bounds behind it, as far as they are
 * given (a negative one counts from the end). */
enum { VIEW_NUMBERS, VIEW_CONDITION, VIEW_RANGE, VIEW_HAS_LO = 4, VIEW_HAS_HI = 8 };

const char *primitive_name(PrimitiveKind kind);
const char *procedure_name(ProcedureKind kind);

#endif
