/* What `dlc profile` measures: which kernel ran when, and what the program did meanwhile.
 *
 * The executor hands over each plan that it compiles and each run of it, the running program says when a step is done and
 * how long data took.  The first steps warm up and are forgotten; behind them comes the window, whose time is divided
 * without rest: a moment belongs to the kernels that workers are in, in equal parts where they are in several, or it is
 * waiting (a plan runs, but nobody is in a kernel), or data, compiling, or the program's statements.  What the record
 * itself takes counts nowhere. */
#ifndef DLC_DRIVER_PROFILE_H
#define DLC_DRIVER_PROFILE_H

#include "compiler/lower.h"
#include "driver/machine_limits.h"
#include "lang/typed.h"
#include "runtime/workers.h"

enum { PROFILE_WARM_UP = 3 };

typedef struct ProfileOptions {
    int64_t steps;                  /* of the window; 0: as many as end within `seconds`, at least one */
    double seconds;
    const volatile int *interrupted;
    const MachineLimits *limits;    /* of as many threads as the workers have */
} ProfileOptions;

/* A line of the program that a kernel computes, with its share of the kernel by operations; shares add up to 1. */
typedef struct LineShare {
    const Source *source;
    int line;
    double share;
} LineShare;

typedef struct KernelProfile {
    const char *name, *hero, *summary;
    const LineShare *lines; /* none: all of it is the library's */
    int line_count;
    int phase;
    int workers;            /* that its ranges are enough for, at most as many as there are */
    int is_memory;          /* the roof is that of memory, in most of its calls */
    int64_t calls;
    double seconds;         /* its part of the window */
    double worker_seconds;  /* that workers were in it, all together */
    double flops, bytes;    /* of all calls */
    double least_seconds;   /* at the limits of one worker, or of all where it is for several */
} KernelProfile;

/* A compiled plan: a step, or an expression of the program. */
typedef struct PlanProfile {
    const char *name;
    Span span; /* of what it computes first: tells plans of one name apart */
    int phase_count, kernel_count;
    KernelProfile *kernels;
    int64_t runs;
    double seconds; /* of its runs, with their waiting */
} PlanProfile;

/* A worker in a kernel; or, without plan, the program reading data. */
typedef struct TimelineItem {
    int64_t begin, end; /* nanoseconds, without what the record took */
    int worker;
    const PlanProfile *plan;
    int kernel;
} TimelineItem;

typedef struct Timeline {
    int64_t begin, end;
    Vec(TimelineItem) items;
} Timeline;

typedef struct StepRuns {
    const TStep *step;
    int64_t runs;
} StepRuns;

typedef struct Profile {
    Arena arena;
    const Session *session;
    ProfileOptions options;
    int threads;
    const TStep *step;      /* the one that is counted: the first that had warmed up; NULL before */
    int64_t steps;          /* of the window */
    int64_t warm_up;        /* steps before it; 0 while it has not begun */
    double seconds;         /* of the window */
    double run_seconds, kernel_seconds, worker_seconds, data_seconds, compile_seconds;
    Vec(PlanProfile *) plans;
    Vec(StepRuns) warming;  /* the steps that ran before the window */
    Timeline fastest;       /* the step of the window that took least */
    volatile int is_over;   /* the program ends after its present step */
    /* of the measurement alone */
    int64_t begin, last;    /* of the window; end of the last step */
    int64_t data_begin;
    int64_t record;         /* nanoseconds that the record itself took so far */
    int is_closed;          /* the window is */
    Timeline present;
} Profile;

Profile *profile_new(const Session *session, const ProfileOptions *options);
void profile_free(Profile *profile);

/* For the executor.  The plan keeps what it needs of the facts; one that is compiled again is the same. */
PlanProfile *profile_plan(Profile *profile, const LoopPlan *plan, const LowerFacts *facts, const Region *region);
void profile_compiled(Profile *profile, double seconds);

/* What a run costs at given sizes, by kernel. */
typedef struct KernelCost {
    double flops, bytes, least_seconds; /* of one call */
    int workers, is_memory;
} KernelCost;
const KernelCost *profile_costs(const Profile *profile, Arena *arena, const LowerFacts *facts, const RunPlan *run,
                                const int64_t *dims, int kernel_count);
/* A traced run from `begin` to now: its events are still with the workers. */
void profile_run(Profile *profile, PlanProfile *plan, const RunPlan *run, const KernelCost *costs,
                 const Workers *workers, int64_t begin);

/* For the running program: a batch is gathered; a step has ended. */
void profile_data_begin(Profile *profile);
void profile_data_end(Profile *profile);
void profile_step(Profile *profile, const TStep *step);
/* The program has ended; a window that is open ends with it. */
void profile_end(Profile *profile);

/* What the reports show (profile_text.c, profile_json.c, profile_svg.c). */

/* Figures of a kernel, a line or several of them. */
typedef struct ProfileFigures {
    double seconds, worker_seconds, flops, bytes;
    double least_seconds, limit_seconds; /* the first divided by the second is the share of the limit */
} ProfileFigures;
ProfileFigures kernel_figures(const KernelProfile *kernel);
void figures_add(ProfileFigures *sum, const ProfileFigures *figures, double share);
double limit_share(const ProfileFigures *figures); /* 0 .. 1, or a little more where the machine was disturbed */

typedef struct LineProfile {
    const Source *source; /* NULL: of the library alone */
    int line;
    ProfileFigures figures;
} LineProfile;

typedef struct RankedKernel {
    const PlanProfile *plan;
    const KernelProfile *kernel;
} RankedKernel;

/* Sorted by time, the longest first; those without a call are left out. */
typedef struct ProfileRows {
    Vec(RankedKernel) kernels;
    Vec(LineProfile) lines;
    int plan_count; /* plans that ran */
} ProfileRows;
ProfileRows profile_rows(Profile *profile, Arena *arena);

double profile_fastest_seconds(const Profile *profile);

typedef struct ProfilePart {
    const char *name, *what;
    double seconds;
} ProfilePart;
enum { PROFILE_PARTS = 5 };
/* The window divided: kernels, waiting, data, compiling, statements; they add up to `seconds`. */
void profile_parts(const Profile *profile, ProfilePart parts[PROFILE_PARTS]);

/* "32.4 us"; "56.1 G" for so much in so long; the text of a line without its indentation. */
const char *profile_duration(Arena *arena, double seconds);
const char *profile_rate(Arena *arena, double amount, double seconds);
const char *profile_line_text(Arena *arena, const Source *source, int line);
/* The line that has the largest share of the kernel; NULL where all of it is the library's. */
const LineShare *profile_main_line(const KernelProfile *kernel);
/* "k2 contract"; with its plan before it where several ran. */
const char *profile_kernel_name(Arena *arena, const Profile *profile, const RankedKernel *row);

void profile_text(Text *out, Profile *profile, const char *file, int columns, int has_colour);
void profile_json(Text *out, Profile *profile, const char *file);
void profile_svg(Text *out, Profile *profile, const char *file);

#endif
