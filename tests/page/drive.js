// Drives the page of `--report` in Chromium, by keyboard and mouse, from a file: URL:
//
//   npm install --no-save playwright-core
//   tests/scale/generate.py tree 2000 && wolfify check --exit-zero --report page.html tree
//   node tests/page/drive.js page.html [SCREENSHOTS]
//
// CHROMIUM names the browser where it is not /usr/bin/chromium.
'use strict';
const assert = require('node:assert');
const path = require('node:path');
const { chromium } = require('playwright-core');

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];
const FIRST_VIEW = 2000;

const counted = async (page) => Number((await page.textContent('#status')).replace(/,/g, '').match(/\d+/)[0]);

async function drive(page, url, shot) {
  const [errors, requests] = [[], []];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('request', (request) => requests.push(request.url()));
  // By the browser's own clock, from the start of the navigation to the frame in which the list is painted.
  await page.addInitScript(() => {
    const look = () => {
      if (!document.querySelector('.row.file')) requestAnimationFrame(look);
      else requestAnimationFrame(() => { window.firstView = Math.round(performance.now()); });
    };
    look();
  });
  await page.goto(url);
  const firstView = await (await page.waitForFunction(() => window.firstView)).jsonValue();
  const all = await counted(page);
  assert(await page.locator('.row').count() < 60, 'the list is not virtual');
  await shot('list');

  await page.keyboard.press('j');
  await page.keyboard.press('j');
  const second = await page.textContent('.file-head h2');
  await page.keyboard.press('k');
  assert.notStrictEqual(await page.textContent('.file-head h2'), second);

  await page.keyboard.press('/');
  await page.keyboard.type('debian');
  const found = await counted(page);
  assert(found > 0 && found < all, `${found} of ${all}`);
  await page.keyboard.press('Enter');
  assert(await page.locator('td.removed').count() > 0 && await page.locator('td.added').count() > 0, 'no diff');
  assert(await page.locator('.finding').count() > 0, 'no finding beside the lines');
  assert(await page.locator('td.added mark').count() > 0, 'no word is marked');
  await page.keyboard.press('n');
  assert.strictEqual(await page.locator('.finding.current').count(), 1);
  await shot('side-by-side');
  await page.keyboard.press('u');
  assert.strictEqual(await page.locator('col').count(), 3);
  assert.strictEqual(await page.locator('tr:has(td.removed) + tr.remark + tr:has(td.added)').count(), 0, 'a finding stands inside of a change');
  await shot('unified');
  await page.keyboard.press('/');
  await page.keyboard.press('Escape');
  assert.strictEqual(await counted(page), all);

  for (const id of ['#rule', '#image', '#level']) {
    await page.selectOption(id, { index: 1 });
    const some = await counted(page);
    assert(some > 0 && some < all, `${id}: ${some}`);
    await page.selectOption(id, { index: 0 });
  }
  await page.click('.legend .chip >> nth=0');
  assert(await counted(page) < all);
  await page.click('.legend .chip >> nth=0');
  await page.click('#tab-packages');
  await shot('packages');
  await page.click('.row.package >> nth=0');
  assert(await counted(page) < all);
  await shot('one-package');
  await page.click('#narrowed button');
  assert.strictEqual(await counted(page), all);
  await page.evaluate(() => document.getElementById('list').focus());
  await page.keyboard.press('End');
  assert.strictEqual(await page.getAttribute('.row[aria-selected="true"]', 'aria-posinset'), String(all));

  const last = await page.textContent('.file-head h2');
  const address = page.url();
  await page.goto('about:blank');
  await page.goto(address);
  assert.strictEqual(await page.textContent('.file-head h2'), last, 'the address does not lead back to the file');

  assert.deepStrictEqual(errors, []);
  assert.deepStrictEqual(requests.filter((request) => !/^(file|data|about):/.test(request)), [], 'something was loaded from elsewhere');
  assert(firstView < FIRST_VIEW, `first view after ${firstView} ms`);
  return `${all} files, first view after ${firstView} ms`;
}

async function main() {
  const [file, screenshots] = process.argv.slice(2);
  const url = `file://${path.resolve(file)}`;
  for (const colorScheme of ['light', 'dark']) {
    // One of its own for each, so that both first views are of a cold browser.
    const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: FLAGS });
    const page = await browser.newPage({ viewport: { width: 1400, height: 860 }, colorScheme });
    const shot = async (name) => screenshots && page.screenshot({ path: path.join(screenshots, `${colorScheme}-${name}.png`) });
    console.log(`${colorScheme}: ${await drive(page, url, shot)}`);
    await page.setViewportSize({ width: 700, height: 860 });
    await shot('narrow');
    await browser.close();
  }
}

main().catch((error) => { console.error(error); process.exit(1); });
