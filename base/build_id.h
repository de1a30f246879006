/* Which build of a program or library is running: the identifier that the linker makes from its contents. */
#ifndef DLC_BASE_BUILD_ID_H
#define DLC_BASE_BUILD_ID_H

enum { BUILD_ID_TEXT = 129 }; /* in hexadecimal, with the NUL */

/* The identifier of the program or shared library that holds `function`.  False where it has none: it was linked
 * without --build-id, or is no ELF file. */
int build_id(void (*function)(void), char text[BUILD_ID_TEXT]);

#endif
