/* What can go wrong with bytes from outside, and how readers and writers say it: they return false (or NULL) and
 * leave a code and a sentence.  The sentence names no file: the caller knows which one it was. */
#ifndef DLC_RUNTIME_IO_H
#define DLC_RUNTIME_IO_H

typedef enum IoCode {
    IO_OK,
    IO_MISSING,     /* there is no such file */
    IO_SYSTEM,      /* the system refuses: permission, full disk, a folder */
    IO_DAMAGED,     /* the bytes do not follow their format, or end early */
    IO_UNSUPPORTED, /* the format has it, dlc has not */
    IO_NO_ENTRY,    /* no column, array or tensor of the wanted name */
    IO_MEMORY,      /* larger than memory */
} IoCode;

typedef struct IoError {
    IoCode code;
    char text[256]; /* one sentence without a full stop */
} IoError;

/* Sets the error and returns 0, so that a reader can `return io_fail(...)`. */
int io_fail(IoError *error, IoCode code, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The same from errno. */
int io_fail_system(IoError *error, int number);

#endif
