/* The files that travel inside the program: the library in .dlm, the embedded data sets and the pages of
 * `dlc explain`. */
#ifndef DLC_DRIVER_EMBEDDED_H
#define DLC_DRIVER_EMBEDDED_H

typedef struct EmbeddedFile {
    const char *path; /* "stdlib/nn.dlm" */
    const char *bytes; /* a NUL follows that does not count */
    long size;
} EmbeddedFile;

extern const EmbeddedFile embedded_files[];
extern const int embedded_file_count;

#endif
