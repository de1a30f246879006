/* The file of one compiled kernel: a header that proves that the object behind it is whole and the one that is wanted.
 *
 *     bytes   what
 *     8       magic
 *     4       version of this form
 *     4       CRC-32 of everything behind it
 *     32      the key
 *     8       length of the object
 *     ...     the object, up to the end of the file
 *
 * Numbers begin with the least significant byte. */
#ifndef DLC_DRIVER_CODE_FILE_H
#define DLC_DRIVER_CODE_FILE_H

#include "jit/jit.h"

#include <stddef.h>

enum { CODE_FILE_HEADER = 56, CODE_FILE_VERSION = 1 };

/* Fills the header for an object that will stand behind it. */
void code_file_header(unsigned char header[CODE_FILE_HEADER], const JitKey *key, const void *object, size_t len);
/* The object inside the bytes of a file; NULL unless every byte of the file is as it was written for this key.  Reads
 * nothing outside of the bytes, whatever they are. */
const unsigned char *code_file_object(const unsigned char *bytes, size_t size, const JitKey *key, size_t *len);

#endif
