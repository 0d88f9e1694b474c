// Conditions of tests that not every machine meets.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Skips the running test with `reason` if a condition is not met, or fails it if SCRATCH_REQUIRE_ALL
 * is 1. Returns whether the condition is met.
 */
export function requires(t, isMet, reason) {
    if (!isMet) {
        assert.notEqual(process.env.SCRATCH_REQUIRE_ALL, '1', reason);
        t.skip(reason);
    }
    return isMet;
}

/** Reason to skip a test elsewhere than on Linux, or false. */
export const linuxOnly = process.platform !== 'linux' && 'Linux only';

/** Path of an executable of Node 24 or later, if there is one: NODE24, or the one that `check` installs. */
export function findNode24() {
    const name = `../node24/node_modules/node-linux-${process.arch}/bin/node`;
    const installed = fileURLToPath(new URL(name, import.meta.url));
    return process.env.NODE24 ?? (existsSync(installed) ? installed : undefined);
}

/** Whether the component for WASI 0.3 has been built. */
export const isP3Built = existsSync(new URL('../component-p3/scratch_tempfile.js', import.meta.url));
