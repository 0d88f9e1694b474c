// The types, as another project's compiler sees them, and what importing the package changes.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import typescript from 'typescript';
import * as implementation from '../lib/index.js';
import { emptyDirectory, root } from './support/space.js';

const home = fileURLToPath(root);

/** Creates a project that has installed the package: its published files, and no devDependencies. */
function createConsumer(t) {
    const consumer = emptyDirectory(t);
    const installed = join(consumer, 'node_modules', 'scratch-tempfile');
    for (const name of ['package.json', ...JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')).files]) {
        cpSync(join(home, name), join(installed, name), { recursive: true });
    }
    const { packages } = JSON.parse(readFileSync(join(home, 'package-lock.json'), 'utf8'));
    for (const [path, { dev, optional }] of Object.entries(packages)) {
        if (path !== '' && !dev && !optional) {
            mkdirSync(dirname(join(consumer, path)), { recursive: true });
            symlinkSync(join(home, path), join(consumer, path));
        }
    }
    writeFileSync(join(consumer, 'package.json'), '{ "type": "module" }');
    return consumer;
}

test('a project in TypeScript compiles with all checks, and await using closes', (t) => {
    const consumer = createConsumer(t);
    const temporary = emptyDirectory(t);
    copyFileSync(join(home, 'test', 'types.ts'), join(consumer, 'types.ts'));
    const options = {
        ...{ target: 'ES2022', lib: ['ES2022'], types: [], module: 'NodeNext', rootDir: '.' },
        ...{ strict: true, exactOptionalPropertyTypes: true, noUnusedLocals: true, skipLibCheck: false },
    };
    writeFileSync(join(consumer, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['types.ts'] }));

    execFileSync(process.execPath, [join(home, 'node_modules/typescript/bin/tsc')], { cwd: consumer, stdio: 'inherit' });
    const environment = { ...process.env, TMPDIR: temporary };
    const printed = execFileSync(process.execPath, ['types.js'], { cwd: consumer, env: environment, encoding: 'utf8' });

    assert.equal(printed, 'open true\nclosed false\n');
});

test('the types declare exactly the values that the package exports', () => {
    const path = join(home, 'lib', 'index.d.ts');
    const program = typescript.createProgram([path], { types: ['node'] });
    const checker = program.getTypeChecker();
    const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(path)));

    const values = exported.filter(({ flags }) => flags & typescript.SymbolFlags.Value).map(({ name }) => name);

    assert.deepEqual(values.sort(), Object.keys(implementation).sort());
    assert.ok(!exported.some(({ name }) => name === 'Common'), 'internal types are not exported');
});

test('importing and using the package changes no global object', (t) => {
    const program = fileURLToPath(new URL('support/globals.js', import.meta.url));

    const changes = execFileSync(process.execPath, ['--no-warnings', program, emptyDirectory(t)], { encoding: 'utf8' });

    assert.equal(changes, '');
});
