import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const read = (name) => readFileSync(join(ROOT, name), 'utf8');
const manifest = JSON.parse(read('package.json'));

/** What a page gets, minified and compressed, in bytes. */
async function measure(code) {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: ROOT },
    bundle: true, minify: true, format: 'esm', target: 'es2022', external: ['react'], write: false,
  });
  return gzipSync(outputFiles[0].contents, { level: 9 }).length;
}

describe('the package', () => {
  it('is strictly typed', () => {
    execFileSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', ROOT], { stdio: 'pipe' });
    for (const name of readdirSync(join(ROOT, 'lib'))) {
      expect(read(`lib/${name}`), name).not.toMatch(/@ts-|\{any\b|\bany[\]}>|]/);
    }
  }, 60_000);

  it('weighs at most 6.6 KiB with its hooks and its bar', async () => {
    const page = await measure(`export { watchBatch, watchDocument, watchDocuments } from './lib/index.js'`);
    const hooks = await measure(`export { useBatchProgress, useDocumentProgress, useDocumentsProgress } from './lib/react.js'`);
    const everything = await measure(`export * from './lib/index.js'; export * from './lib/react.js'`);
    const element = await measure(`import { defineProgressElement } from './lib/element.js'; export * from './lib/index.js'; defineProgressElement()`);
    console.log(`Minified and gzipped, in bytes: a page with watches ${page}, one with hooks ${hooks}, everything with hooks and bar ${everything}, everything with the element ${element}.`);
    expect(page).toBeGreaterThan(1000);
    expect(everything).toBeLessThanOrEqual(6.6 * 1024);
  });

  it('needs nothing, and does nothing by being imported', () => {
    expect(manifest.dependencies).toBeUndefined();
    expect([manifest.type, manifest.sideEffects]).toEqual(['module', false]);
  });

  it('has a thin layer of hooks', () => {
    expect(read('lib/react.js').trimEnd().split('\n').length).toBeLessThanOrEqual(60);
  });

  it('records no registry', () => {
    expect(read('package-lock.json')).not.toContain('"resolved"');
    expect(read('.npmrc')).toContain('omit-lockfile-registry-resolved=true');
  });

  it('sets text of the server as text only', () => {
    for (const name of readdirSync(join(ROOT, 'lib'))) {
      expect(read(`lib/${name}`), name).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|dangerouslySetInnerHTML/);
    }
  });
});
