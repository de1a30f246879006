/* libpng reports errors by a jump.  Each of the two functions that may be jumped into keeps what it owns in a struct
 * of its caller, so that no local variable is in doubt. */
#include "runtime/png_file.h"

#include "runtime/new_file.h"

#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_SIDE = 1 << 16, MAX_PIXELS = 64 << 20, GAP = 2 };

static void fail(png_structp png, png_const_charp message) {
    io_fail(png_get_error_ptr(png), IO_DAMAGED, "%s", message);
    png_longjmp(png, 1);
}

static void ignore(png_structp png, png_const_charp message) { (void)png, (void)message; }

/* ---- writing ------------------------------------------------------------------------------------------ */

typedef struct Picture {
    const Array *array;
    int64_t channels, height, width;
} Picture;

static int as_picture(const Array *array, Picture *picture, IoError *error) {
    int rank = array->rank;
    *picture = (Picture){.array = array, .channels = rank == 3 ? array->extents[0] : 1};
    if ((rank != 2 && rank != 3) || (picture->channels != 1 && picture->channels != 3))
        return io_fail(error, IO_UNSUPPORTED, "a picture has the shape [H, W], [1, H, W] or [3, H, W]");
    picture->height = array->extents[rank - 2];
    picture->width = array->extents[rank - 1];
    if (picture->height < 1 || picture->width < 1 || picture->height > MAX_SIDE || picture->width > MAX_SIDE)
        return io_fail(error, IO_UNSUPPORTED, "a picture of %lldx%lld pixels cannot be written; 1 to %d a side can",
                       (long long)picture->height, (long long)picture->width, MAX_SIDE);
    if (dtype_is_float(array->dtype) || array->dtype == DT_U8 || array->dtype == DT_BOOL) return 1;
    return io_fail(error, IO_UNSUPPORTED, "a picture is u8, bool or floats of 0 to 1, this is %s",
                   dtype_name(array->dtype));
}

static png_byte pixel(const Picture *picture, int64_t channel, int64_t y, int64_t x) {
    int64_t at = (channel * picture->height + y) * picture->width + x;
    if (picture->array->dtype == DT_U8) return ((const uint8_t *)picture->array->data)[at];
    double value = array_number(picture->array, at) * 255 + 0.5;
    return (png_byte)(!(value > 0) ? 0 : value >= 255 ? 255 : (int)value);
}

typedef struct Writer {
    png_structp png;
    png_infop info;
    png_bytep row;
    const Picture *picture;
    FILE *stream;
} Writer;

static int write_rows(Writer *w) {
    const Picture *p = w->picture;
    if (setjmp(png_jmpbuf(w->png))) return 0;
    png_init_io(w->png, w->stream);
    png_set_IHDR(w->png, w->info, (png_uint_32)p->width, (png_uint_32)p->height, 8,
                 p->channels == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(w->png, w->info);
    for (int64_t y = 0; y < p->height; y++) {
        for (int64_t x = 0; x < p->width; x++)
            for (int64_t c = 0; c < p->channels; c++) w->row[x * p->channels + c] = pixel(p, c, y, x);
        png_write_row(w->png, w->row);
    }
    png_write_end(w->png, w->info);
    return 1;
}

int png_write(const char *path, const Array *array, IoError *error) {
    Picture picture;
    NewFile file;
    if (!as_picture(array, &picture, error) || !new_file_open(&file, path, error)) return 0;
    Writer w = {.picture = &picture, .stream = file.stream, .row = malloc((size_t)(picture.width * picture.channels))};
    w.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, error, fail, ignore);
    w.info = w.png ? png_create_info_struct(w.png) : NULL;
    int is_good = w.info && w.row ? write_rows(&w) : io_fail(error, IO_MEMORY, "no memory to write it");
    png_destroy_write_struct(&w.png, &w.info);
    free(w.row);
    return new_file_finish(&file, is_good, error);
}

/* ---- many pictures in one ----------------------------------------------------------------------------- */

Array *png_grid(const Array *pictures, int64_t columns, IoError *error) {
    int rank = pictures->rank;
    int64_t count = rank ? pictures->extents[0] : 0, channels = rank == 4 ? pictures->extents[1] : 1;
    if ((rank != 3 && rank != 4) || (channels != 1 && channels != 3) || !pictures->count || columns < 1 || columns > MAX_SIDE) {
        io_fail(error, IO_UNSUPPORTED, "a grid is made of pictures [N, H, W], [N, 1, H, W] or [N, 3, H, W]");
        return NULL;
    }
    int64_t h = pictures->extents[rank - 2], w = pictures->extents[rank - 1], rows = (count + columns - 1) / columns;
    int64_t extents[] = {channels, rows * (h + GAP) - GAP, columns * (w + GAP) - GAP};
    Array *grid = array_try_new(pictures->dtype, 3, extents);
    if (!grid) {
        io_fail(error, IO_MEMORY, "no memory for a grid of %lld pictures", (long long)count);
        return NULL;
    }
    int size = dtype_bytes(pictures->dtype);
    const char *from = pictures->data;
    for (int64_t n = 0; n < count; n++)
        for (int64_t c = 0; c < channels; c++)
            for (int64_t y = 0; y < h; y++, from += w * size) {
                int64_t to = (c * extents[1] + n / columns * (h + GAP) + y) * extents[2] + n % columns * (w + GAP);
                memcpy((char *)grid->data + to * size, from, (size_t)(w * size));
            }
    return grid;
}

/* ---- reading ------------------------------------------------------------------------------------------ */

typedef struct Reader {
    png_structp png;
    png_infop info;
    const ByteFile *file;
    IoError *error;
    int64_t at;
    png_bytep pixels; /* as libpng gives them: the channels of a pixel side by side */
    png_bytep *rows;
    Array *array;
} Reader;

static void read_bytes(png_structp png, png_bytep to, size_t len) {
    Reader *r = png_get_io_ptr(png);
    if (!byte_file_read(r->file, r->at, to, (int64_t)len, r->error)) png_longjmp(png, 1);
    r->at += (int64_t)len;
}

/* Whatever the file has becomes 8-bit grey or colour. */
static void want_plain(Reader *r) {
    png_set_expand(r->png);
    png_set_strip_16(r->png);
    png_set_strip_alpha(r->png);
    png_set_interlace_handling(r->png);
    png_read_update_info(r->png, r->info);
}

static int allocate(Reader *r) {
    int64_t height = png_get_image_height(r->png, r->info), width = png_get_image_width(r->png, r->info);
    int64_t channels = png_get_channels(r->png, r->info);
    /* deflate packs at most 1032 to 1: what the file cannot hold is not allocated */
    if (height * width > MAX_PIXELS || height * ((width + 7) / 8) / 1032 > r->file->size)
        return io_fail(r->error, IO_DAMAGED, "it promises %lldx%lld pixels, more than it can hold", (long long)height,
                       (long long)width);
    int64_t extents[] = {channels, height, width};
    r->array = array_try_new(DT_U8, 3, extents);
    r->pixels = malloc((size_t)(height * width * channels));
    r->rows = calloc((size_t)height, sizeof *r->rows);
    if (!r->array || !r->pixels || !r->rows) return io_fail(r->error, IO_MEMORY, "no memory for its pixels");
    for (int64_t y = 0; y < height; y++) r->rows[y] = r->pixels + y * width * channels;
    return 1;
}

static int read_pixels(Reader *r) {
    if (setjmp(png_jmpbuf(r->png))) return 0;
    png_set_read_fn(r->png, r, read_bytes);
    png_set_user_limits(r->png, MAX_SIDE, MAX_SIDE);
    png_set_chunk_malloc_max(r->png, 8 << 20);
    png_read_info(r->png, r->info);
    want_plain(r);
    if (!allocate(r)) return 0;
    png_read_image(r->png, r->rows);
    png_read_end(r->png, NULL);
    return 1;
}

static void split_channels(const Reader *r) {
    int64_t channels = r->array->extents[0], count = r->array->count / channels;
    for (int64_t c = 0; c < channels; c++)
        for (int64_t i = 0; i < count; i++)
            ((uint8_t *)r->array->data)[c * count + i] = r->pixels[i * channels + c];
}

Array *png_read(const ByteFile *file, IoError *error) {
    Reader r = {.file = file, .error = error};
    r.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, error, fail, ignore);
    r.info = r.png ? png_create_info_struct(r.png) : NULL;
    int is_good = r.info ? read_pixels(&r) : io_fail(error, IO_MEMORY, "no memory to read it");
    if (is_good) split_channels(&r);
    png_destroy_read_struct(&r.png, &r.info, NULL);
    free(r.pixels);
    free(r.rows);
    if (is_good) return r.array;
    array_release(r.array);
    return NULL;
}
