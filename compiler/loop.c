#include "compiler/loop.h"

static const struct {
    const char *name;
    int operands;
} info[LO_COUNT] = {
#define LO(id, name, operands, rule) [LO_##id] = {name, operands},
#include "compiler/loop_op.def"
#undef LO
    [LO_CONST] = {"const", 0},       [LO_PARAM] = {"param", 0},       [LO_LANE] = {"lane", 0},
    [LO_CONVERT] = {"convert", 0},   [LO_BITCAST] = {"bitcast", 0},   [LO_SPLAT] = {"splat", 0},
    [LO_LANE_GET] = {"lane_get", 0}, [LO_LOAD] = {"load", 0},         [LO_GATHER] = {"gather", 0},
    [LO_READ] = {"read", 0},         [LO_LANES_SUM] = {"lanes_sum", 0}, [LO_LANES_MIN] = {"lanes_min", 0},
    [LO_LANES_MAX] = {"lanes_max", 0},
};

const char *loop_op_name(LoopOp op) { return info[op].name; }
int loop_op_operands(LoopOp op) { return info[op].operands; }
