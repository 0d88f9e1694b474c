// Builds the component for WASI 0.2 and transpiles it into lib/component.
//
// SCRATCH_COMPONENT names a component to use instead. With `--p3`, builds the component for WASI 0.3
// into test/component-p3, for the tests on Node 24.

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transpileBytes } from '@bytecodealliance/jco-transpile';

const here = dirname(fileURLToPath(import.meta.url));
const isP3 = process.argv.includes('--p3');
const output = join(here, ...(isP3 ? ['test', 'component-p3'] : ['lib', 'component']));

/** Runs cargo in a separate target directory, without waiting for the lock of another build. */
function compile() {
    const target = process.env.SCRATCH_TARGET_DIR ?? join(here, 'target');
    const features = isP3 ? [] : ['--no-default-features', '--features', 'p2'];
    execFileSync(
        'cargo',
        [
            ...['rustc', '--lib', '--crate-type', 'cdylib', '--locked', '-p', 'scratch-tempfile-provider', ...features],
            ...['--target', 'wasm32-wasip2', '--profile', 'component', '--target-dir', target],
        ],
        { cwd: join(here, '..', '..'), stdio: 'inherit' },
    );
    return join(target, 'wasm32-wasip2', 'component', 'scratch_tempfile_provider.wasm');
}

const component = readFileSync(process.env.SCRATCH_COMPONENT ?? compile());
const { files } = await transpileBytes(component, {
    name: 'scratch_tempfile',
    // The caller chooses the directories and the environment of each instance.
    instantiation: isP3 ? { tag: 'async' } : { tag: 'sync' },
    asyncMode: isP3 ? 'jspi' : 'sync',
    base64Cutoff: 0,
});

rmSync(output, { recursive: true, force: true });
for (const [name, content] of Object.entries(files)) {
    const path = join(output, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
}
