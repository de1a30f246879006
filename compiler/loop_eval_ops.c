/* The interpreter's steps for any machine. */
#define STEP_TABLE loop_eval_plain
#include "compiler/loop_eval_steps.h"
