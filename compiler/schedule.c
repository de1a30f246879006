/* schedule.def as data. */
#include "compiler/lower_internal.h"

#include <string.h>

static const ScheduleRow rows[SCHEDULE_COUNT] = {
#define SCHEDULE(id, name, rows1, rows2, lanes, bytes) [SCHEDULE_##id] = {name, rows1, rows2, lanes, bytes},
#include "compiler/schedule.def"
#undef SCHEDULE
};

const ScheduleRow *schedule_row(ScheduleKind kind) { return &rows[kind]; }
const char *schedule_name(ScheduleKind kind) { return rows[kind].name; }

int schedule_from_name(const char *name) {
    for (int i = 0; i < SCHEDULE_COUNT; i++)
        if (strcmp(rows[i].name, name) == 0) return i;
    return -1;
}
