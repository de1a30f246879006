/* What the files about training share: settings (check_setting.c), steps (check_step.c), train blocks
 * (check_train.c). */
#ifndef DLC_LANG_CHECK_TRAIN_H
#define DLC_LANG_CHECK_TRAIN_H

#include "lang/check_internal.h"

/* Adds one `name = value` to the block. */
void check_setting(Checker *cx, TTrain *train, const Ast *ast);
/* What several settings say together; `train->batch`, `is_even` and their place are known afterwards. */
void check_settings_agree(Checker *cx, TTrain *train);
/* `best` names one of the reports of the block. */
void check_best(Checker *cx, const TTrain *train, const Type *reports);
/* The setting of this name, or NULL. */
const TSetting *find_setting(const TTrain *train, const char *name);

/* The body of a step or validate whose inputs are declared; fills in body and result. */
void check_step_body(Checker *cx, TStep *step, Body *body, const AstFunction *function);
/* A minimize somewhere in the block, or in a step that it calls. */
int has_minimize(const TBlock *block);

#endif
