/* Calls an emitted step so often that its instructions can be counted: everything it reads is 0, which changes no loop.
 *
 * usage: count_step TIMES; compiled with the step's names (test_machine_code.py) */
#include HEADER

#include <stdlib.h>

int main(int argc, char **argv) {
    union {
        struct BUFFERS named;
        void *each[sizeof(struct BUFFERS) / sizeof(void *)];
    } buffers;
    size_t bytes = (WORKSPACE + 4095) / 4096 * 4096 + 4096;
    void *workspace = aligned_alloc(4096, bytes);
    for (size_t i = 0; i < sizeof buffers.each / sizeof *buffers.each; i++) buffers.each[i] = calloc(1, LARGEST);
    for (int i = 0; argc > 1 && i < atoi(argv[1]); i++)
        if (STEP(workspace, &buffers.named, BATCH)) return 1;
    return 0;
}
