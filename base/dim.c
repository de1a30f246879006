#include "base/dim.h"

void dim_table_init(DimTable *table, Arena *arena, SymbolTable *symbols) {
    *table = (DimTable){.arena = arena, .symbols = symbols};
}
