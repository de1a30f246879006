/* The typed program as text: for --dump-after=check and for tests. */
#ifndef DLC_LANG_TYPED_PRINT_H
#define DLC_LANG_TYPED_PRINT_H

#include "base/text.h"
#include "lang/typed.h"

void typed_print(Text *out, const TProgram *program);
void typed_print_expression(Text *out, const Tx *tx);

#endif
