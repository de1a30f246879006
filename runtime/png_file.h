/* Pictures as PNG files, through libpng. */
#ifndef DLC_RUNTIME_PNG_FILE_H
#define DLC_RUNTIME_PNG_FILE_H

#include "runtime/array.h"
#include "runtime/byte_file.h"

/* Writes one picture [H, W], [1, H, W] (grey) or [3, H, W] (colour) atomically, 8 bits a channel.  u8 is written as it
 * is; bool and floats are 0 (black) to 1, clamped and rounded to the nearest of 256 steps, NaN black.  The same array
 * gives the same bytes. */
int png_write(const char *path, const Array *picture, IoError *error);
/* Puts N pictures, [N, H, W] or [N, 1|3, H, W], into one of `columns` columns with lines of two black pixels
 * between them; free places are black.  NULL where the shape is none of these, or `columns` below 1 or above 65536. */
Array *png_grid(const Array *pictures, int64_t columns, IoError *error);
/* u8[1, H, W] or u8[3, H, W]: grey or colour, palettes and 16 bits turned into 8, transparency dropped.  At most
 * 64 Mi pixels. */
Array *png_read(const ByteFile *file, IoError *error);

#endif
