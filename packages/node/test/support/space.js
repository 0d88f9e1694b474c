// Directories, scratch spaces and processes of one test.

import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openScratch } from '../../lib/index.js';

export const root = new URL('../..', import.meta.url);

/** Creates an empty directory that is removed after the test. */
export function emptyDirectory(t) {
    const path = mkdtempSync(join(tmpdir(), 'scratch-test-'));
    t.after(() => {
        chmodSync(path, 0o700);
        rmSync(path, { recursive: true, force: true });
    });
    return path;
}

/** Opens scratch space in a new directory, both of which end with the test. */
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

/** Runs a program in another process, with `scratch` open in `directory`. */
export async function run(program, directory, flags = []) {
    return execute([process.execPath, ...flags, ...evaluate(program), directory]);
}

const isRoot = process.getuid?.() === 0;
// Root without these capabilities is subject to permissions, as any other user.
const WITHOUT_CAPABILITIES = isRoot ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search'] : [];

/** Whether `runWithoutCapabilities` works. */
export const canDropCapabilities = succeeds([...WITHOUT_CAPABILITIES, 'true']);

/** As `run`, subject to the permissions of files and directories even if the user is root. */
export async function runWithoutCapabilities(program, directory) {
    return execute([...WITHOUT_CAPABILITIES, process.execPath, ...evaluate(program), directory]);
}

async function execute([command, ...args]) {
    return promisify(execFile)(command, args, { cwd: root, timeout: 60_000 });
}

function succeeds([command, ...args]) {
    try {
        execFileSync(command, args, { stdio: 'ignore' });
        return true;
    } catch {
        return false;
    }
}

/** Starts a program in another process, and resolves when it has printed its first line. */
export async function start(program, directory) {
    const child = spawn(process.execPath, [...evaluate(program), directory], {
        cwd: root,
        stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise((resolve) => child.on('exit', (code, signal) => resolve({ code, signal })));
    await new Promise((resolve, reject) => {
        child.stdout.once('data', resolve);
        void ended.then(() => reject(new Error('the program ended before it printed a line')));
    });
    return { child, ended };
}

function evaluate(program) {
    const preamble = `
        import { readdirSync } from 'node:fs';
        import { openScratch } from 'scratch-tempfile';
        const directory = process.argv[1];
        const scratch = await openScratch({ directory });
    `;
    return ['--input-type=module', '--eval', preamble + program];
}
