/* Source text to syntax tree.  Text goes through the lexer (lexer.l), the layout filter (layout.c:
 * newlines, brackets, words, over tokens alone) and the grammar (parser.y). */
#ifndef DLC_LANG_PARSE_H
#define DLC_LANG_PARSE_H

#include "base/session.h"
#include "lang/ast.h"

/* The FILE node of a source, never NULL.  Every syntax error of the text is in session->diags; it
 * was free of them exactly when no error was added. */
Ast *lang_parse(Session *session, const Source *source);

#endif
