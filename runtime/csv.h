/* Tables of comma-separated values (RFC 4180): a first line with the names of the columns, then one line per record;
 * quoted fields may hold commas, line ends and doubled quotes.  Lines end in LF or CR LF; a byte order mark is
 * skipped; plain or gzip.  What is read from a table are numbers. */
#ifndef DLC_RUNTIME_CSV_H
#define DLC_RUNTIME_CSV_H

#include "runtime/array.h"
#include "runtime/byte_file.h"

/* f64[records, count]: the columns of the given names, in their order.  Empty or non-numeric fields, lines of another
 * length than the first and bytes that are no text are errors that name the line. */
Array *csv_read(const ByteFile *file, const char *const *names, int count, IoError *error);

#endif
