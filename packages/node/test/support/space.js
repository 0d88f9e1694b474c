// A directory of the host with scratch space in it, for one test.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openScratch } from '../../lib/index.js';

export const root = new URL('../..', import.meta.url);

/** An empty directory that goes when the test ends. */
export function emptyDirectory(t) {
    const path = mkdtempSync(join(tmpdir(), 'scratch-test-'));
    t.after(() => {
        chmodSync(path, 0o700);
        rmSync(path, { recursive: true, force: true });
    });
    return path;
}

/** Opens scratch space in a directory of its own; it is closed when the test ends. */
export async function openSpace(t, options) {
    const directory = emptyDirectory(t);
    const scratch = await openScratch({ directory, ...options });
    t.after(() => scratch.close());
    return {
        scratch,
        directory,
        entries: () => readdirSync(directory),
        assertEmpty: () => assert.deepEqual(readdirSync(directory), []),
    };
}

/** Runs a program in another process; the directory is its argument. */
export async function run(program, directory, flags = []) {
    return promisify(execFile)(process.execPath, [...flags, '--input-type=module', '--eval', preamble(program), directory], {
        cwd: root,
        timeout: 60_000,
    });
}

/** Starts a program in another process and resolves when it has said that it is ready. */
export async function start(program, directory) {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', preamble(program), directory], {
        cwd: root,
        stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise((resolve) => child.on('exit', (code, signal) => resolve({ code, signal })));
    await new Promise((resolve, reject) => {
        child.stdout.once('data', resolve);
        void ended.then(() => reject(new Error('the program ended too early')));
    });
    return { child, ended };
}

const preamble = (program) => `
    import { readdirSync } from 'node:fs';
    import { openScratch } from 'scratch-tempfile';
    const directory = process.argv[1];
    const scratch = await openScratch({ directory });
    ${program}
`;
