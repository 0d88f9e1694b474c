// Sorts the lines of standard input by their bytes, with at most MEMORY bytes of lines in memory while it sorts.

#include <stdlib.h>
#include <string.h>

#include "guest.h"

enum { MEMORY = 64 * 1024, PIECE = 4 * 1024, LARGEST_WRITE = 4096 };

typedef guest_list_u8_t bytes;
typedef scratch_borrow_temporary_file_t file;
typedef streams_borrow_output_stream_t stream;

// A sorted file, and the lines of it that are in memory.
typedef struct {
    file file;
    scratch_line_block_t block;
    size_t next;
} run;

// The first failure, after which every function returns false.
static scratch_error_t failure;

static bool fail(const char *message) {
    guest_string_dup(&failure.message, message);
    return false;
}

static bool create(file *created) {
    scratch_own_temporary_file_t owned;
    if (!scratch_static_temporary_file_create(NULL, &owned, &failure)) return false;
    *created = scratch_borrow_temporary_file(owned);
    return true;
}

static bool write(file file, bytes data) {
    return scratch_method_temporary_file_write(file, &data, &failure);
}

static bool rewind_file(file file) {
    uint64_t position;
    return scratch_method_temporary_file_seek(file, 0, SCRATCH_WHENCE_START, &position, &failure);
}

static bool read_lines(file file, uint64_t size, scratch_line_block_t *block) {
    return scratch_method_temporary_file_read_line_block(file, &size, block, &failure);
}

static bytes line(const scratch_line_block_t *block, size_t index) {
    size_t start = index == 0 ? 0 : block->ends.ptr[index - 1];
    return (bytes){block->bytes.ptr + start, block->ends.ptr[index] - start};
}

// Compares two lines without their line ends, as `LC_ALL=C sort` does.
static int compare(const void *left, const void *right) {
    const bytes *one = left, *other = right;
    size_t shorter = one->len < other->len ? one->len : other->len;
    int order = memcmp(one->ptr, other->ptr, shorter - 1);
    return order != 0 ? order : (one->len > other->len) - (one->len < other->len);
}

// Copies standard input into a temporary file, and completes its last line.
static bool standard_input(file *copy) {
    streams_borrow_input_stream_t input = streams_borrow_input_stream(wasi_cli_stdin_get_stdin());
    streams_stream_error_t end;
    bytes piece;
    uint8_t last = '\n';
    if (!create(copy)) return false;
    while (streams_method_input_stream_blocking_read(input, MEMORY, &piece, &end)) {
        if (!write(*copy, piece)) return false;
        if (piece.len > 0) last = piece.ptr[piece.len - 1];
        guest_list_u8_free(&piece);
    }
    if (end.tag != STREAMS_STREAM_ERROR_CLOSED) return fail("cannot read standard input");
    if (last != '\n' && !write(*copy, (bytes){(uint8_t *)"\n", 1})) return false;
    return rewind_file(*copy);
}

// Sorts lines into a new file.
static bool sort(const scratch_line_block_t *block, file *sorted) {
    guest_list_list_u8_t lines = {malloc(block->ends.len * sizeof(bytes)), block->ends.len};
    if (lines.ptr == NULL) return fail("out of memory");
    for (size_t index = 0; index < lines.len; ++index) lines.ptr[index] = line(block, index);
    qsort(lines.ptr, lines.len, sizeof(bytes), compare);
    bool written = create(sorted) && scratch_method_temporary_file_write_lines(*sorted, &lines, &failure);
    free(lines.ptr); // The lines themselves are in the block.
    return written && rewind_file(*sorted);
}

// Sorts as many lines at a time as the memory holds, each time into a file of its own.
static bool sorted_runs(file input, run **runs, size_t *count) {
    scratch_line_block_t block;
    for (*count = 0; read_lines(input, MEMORY, &block); ++*count) {
        if (block.ends.len == 0) return scratch_method_temporary_file_close(input, &failure);
        *runs = realloc(*runs, (*count + 1) * sizeof(run));
        if (*runs == NULL) return fail("out of memory");
        memset(&(*runs)[*count], 0, sizeof(run));
        if (!sort(&block, &(*runs)[*count].file)) return false;
        scratch_line_block_free(&block);
    }
    return false;
}

// Makes sure that the next line of a run is in memory, and returns in `is_there` whether there is one.
static bool look(run *run, bool *is_there) {
    if (run->next == run->block.ends.len) {
        if (run->next > 0) scratch_line_block_free(&run->block);
        if (!read_lines(run->file, PIECE, &run->block)) return false;
        run->next = 0;
    }
    *is_there = run->block.ends.len > 0;
    return true;
}

static bool print(stream output, bytes text) {
    streams_stream_error_t error;
    for (size_t start = 0; start < text.len; start += LARGEST_WRITE) {
        size_t rest = text.len - start;
        bytes piece = {text.ptr + start, rest < LARGEST_WRITE ? rest : LARGEST_WRITE};
        if (!streams_method_output_stream_blocking_write_and_flush(output, &piece, &error))
            return fail("cannot write standard output");
    }
    return true;
}

// Prints a line later, together with others, or at once those that are gathered and the line, if it is large.
static bool gather(stream output, bytes *gathered, bytes text) {
    if (gathered->len + text.len > LARGEST_WRITE) {
        if (!print(output, *gathered)) return false;
        gathered->len = 0;
    }
    if (text.len > LARGEST_WRITE) return print(output, text);
    memcpy(gathered->ptr + gathered->len, text.ptr, text.len);
    gathered->len += text.len;
    return true;
}

// Prints the lines of all runs in order, and closes the runs.
static bool merge(run *runs, size_t count, stream output) {
    static uint8_t memory[LARGEST_WRITE];
    bytes gathered = {memory, 0};
    bool is_there;
    for (size_t index = 0; index < count; ++index) {
        if (!look(&runs[index], &is_there)) return false;
    }
    while (count > 0) {
        run *first = runs;
        bytes smallest = line(&first->block, first->next);
        for (run *other = runs + 1; other < runs + count; ++other) {
            bytes candidate = line(&other->block, other->next);
            if (compare(&candidate, &smallest) < 0) {
                first = other;
                smallest = candidate;
            }
        }
        if (!gather(output, &gathered, smallest)) return false;
        ++first->next;
        if (!look(first, &is_there)) return false;
        if (!is_there) {
            if (!scratch_method_temporary_file_close(first->file, &failure)) return false;
            *first = runs[--count];
        }
    }
    return print(output, gathered);
}

bool exports_wasi_cli_run_run(void) {
    file input;
    run *runs = NULL;
    size_t count;
    stream output = streams_borrow_output_stream(wasi_cli_stdout_get_stdout());
    if (standard_input(&input) && sorted_runs(input, &runs, &count) && merge(runs, count, output)) return true;

    stream errors = streams_borrow_output_stream(wasi_cli_stderr_get_stderr());
    print(errors, (bytes){(uint8_t *)"sort: ", 6});
    print(errors, (bytes){failure.message.ptr, failure.message.len});
    print(errors, (bytes){(uint8_t *)"\n", 1});
    return false;
}
