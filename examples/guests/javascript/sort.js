// Sorts the lines of standard input, with at most MEMORY bytes of lines in memory while it sorts.
//
// Input is text in UTF-8, and lines are ordered as JavaScript orders strings.

import { TemporaryFile } from 'scratch:tempfile/tempfile@0.2.0';
import { getStderr } from 'wasi:cli/stderr@0.2.12';
import { getStdin } from 'wasi:cli/stdin@0.2.12';
import { getStdout } from 'wasi:cli/stdout@0.2.12';

const MEMORY = 64n * 1024n;
const PIECE = 4n * 1024n;
const LARGEST_WRITE = 4096; // what blockingWriteAndFlush takes
const NEWLINE = 10;

const decoder = new TextDecoder();
const encoder = new TextEncoder();

export const run = {
    run() {
        try {
            merge(sortedRuns(standardInput()), getStdout());
        } catch (error) {
            print(getStderr(), `sort: ${error.payload?.message ?? error}\n`);
            throw error;
        }
    },
};

/** Copies standard input into a temporary file, and completes its last line. */
function standardInput() {
    const input = getStdin();
    const file = TemporaryFile.create();
    let last = NEWLINE;
    try {
        for (;;) {
            const bytes = input.blockingRead(PIECE);
            file.write(bytes);
            last = bytes.at(-1) ?? last;
        }
    } catch (error) {
        if (error.payload?.tag !== 'closed') {
            throw error;
        }
    }
    if (last !== NEWLINE) {
        file.write(Uint8Array.of(NEWLINE));
    }
    file.seek(0n, 'start');
    return file;
}

/** Sorts as many lines at a time as the memory holds, each time into a file of its own. */
function sortedRuns(input) {
    const runs = [];
    for (let lines; (lines = readLines(input, MEMORY)).length > 0; ) {
        const run = TemporaryFile.create();
        run.write(encoder.encode(lines.sort().join('\n') + '\n'));
        run.seek(0n, 'start');
        runs.push(run);
    }
    input.close();
    return runs;
}

/** Prints the lines of all runs in order, and closes the runs. */
function merge(runs, output) {
    const heads = runs.map((file) => ({ file, lines: readLines(file, PIECE), next: 0 }));
    let text = '';
    while (heads.length > 0) {
        let first = heads[0];
        for (const head of heads) {
            if (head.lines[head.next] < first.lines[first.next]) {
                first = head;
            }
        }
        text += first.lines[first.next++] + '\n';
        if (text.length >= LARGEST_WRITE) {
            print(output, text);
            text = '';
        }
        if (first.next === first.lines.length) {
            first.lines = readLines(first.file, PIECE);
            first.next = 0;
            if (first.lines.length === 0) {
                first.file.close();
                heads.splice(heads.indexOf(first), 1);
            }
        }
    }
    print(output, text);
}

/** Reads lines of about `size` bytes together, or none at the end of the file. */
function readLines(file, size) {
    const { bytes } = file.readLineBlock(size);
    return decoder.decode(bytes).split('\n').slice(0, -1);
}

function print(output, text) {
    const bytes = encoder.encode(text);
    for (let start = 0; start < bytes.length; start += LARGEST_WRITE) {
        output.blockingWriteAndFlush(bytes.subarray(start, start + LARGEST_WRITE));
    }
}
