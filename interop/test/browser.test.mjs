// The page of the example in a real browser: Debian's Chromium.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { chromium as browser } from 'playwright-core';
import { Person, ok, password } from '../lib/person.mjs';
import { chromium, publicURL, sides } from '../lib/sides.mjs';

test('go: sign up, create an organization and a project, sign out', { skip: !sides.go && 'there is no Go server', timeout: 120_000 }, async () => {
	assert.ok(chromium, 'Chromium is not installed: run "make test-deps"');
	const directory = await mkdtemp(path.join(tmpdir(), 'authent-chromium-'));
	const context = await browser.launchPersistentContext(directory, {
		executablePath: chromium,
		headless: true,
		args: [
			...(process.getuid() === 0 ? ['--no-sandbox'] : []),
			'--disable-gpu',
			'--disable-quic',
			'--no-first-run',
			'--disable-background-networking',
			'--disable-component-update',
			'--disable-sync',
		],
	});
	try {
		const ada = new Person('ada');
		const page = await context.newPage();
		const errors = [];
		page.on('pageerror', (error) => errors.push(error.message));
		const submit = async (form, values) => {
			for (const [name, value] of Object.entries(values)) await page.fill(`#${form} [name=${name}]`, value);
			await page.click(`#${form} button`);
		};
		await page.goto(publicURL);
		await submit('sign-up', { name: 'Ada Lovelace', email: ada.email, password });
		await page.getByText('Ada Lovelace').waitFor();
		await submit('create-organization', { name: 'Acme Engines' });
		await page.getByText('Acme Engines').waitFor();
		await submit('create-project', { name: 'Difference engine' });
		await page.locator('#projects').getByText('Difference engine').waitFor();
		await submit('create-api-key', { name: 'ci' });
		await page.waitForFunction(() => document.querySelector('#key').textContent.startsWith('ag_'));

		const key = await page.locator('#key').textContent();
		const withKey = (side) => new Person().client(side, { 'x-agentuity-auth-api-key': key }).getSession();
		for (const side of Object.values(sides)) assert.equal(ok(await withKey(side)).user.email, ada.email);
		assert.ok((await page.locator('#api-keys').textContent()).includes(`ci ${key.slice(0, 6)}`));

		// The browser's cookie is that of a session; the page cannot read it.
		const cookie = (await context.cookies()).find(({ name }) => name === 'better-auth.session_token');
		assert.deepEqual([cookie.httpOnly, cookie.sameSite, cookie.path], [true, 'Lax', '/']);
		assert.equal(await page.evaluate(() => document.cookie), '');

		// It is still there after a reload, and on the other server.
		await page.reload();
		await page.locator('#projects').getByText('Difference engine').waitFor();
		// The key is not: it was shown once. It is deleted on the page, and works no more.
		assert.ok(!(await page.content()).includes(key));
		await page.locator('#api-keys button').click();
		await page.locator('#api-keys li').waitFor({ state: 'detached' });
		for (const side of Object.values(sides)) assert.equal((await withKey(side)).error.status, 401);
		ada.cookies.set(cookie.name, cookie.value);
		for (const side of Object.values(sides)) assert.equal((await ada.session(side)).user.email, ada.email);

		await submit('create-api-key', { name: 'second' });
		await page.waitForFunction(() => document.querySelector('#key').textContent.startsWith('ag_'));
		const second = await page.locator('#key').textContent();
		await page.click('#sign-out');
		await page.locator('#sign-in').waitFor();
		assert.ok(!(await page.content()).includes(second), 'the key is still in the page');
		assert.equal((await context.cookies()).length, 0);
		for (const side of Object.values(sides)) assert.equal(await ada.session(side), null);
		await page.reload();
		await page.locator('#sign-in').waitFor();
		assert.ok(!(await page.content()).includes('Acme Engines'));
		await submit('sign-in', { email: ada.email, password });
		await page.locator('#organizations').getByText('Acme Engines').waitFor();
		assert.deepEqual(errors, []);
	} finally {
		await context.close();
		await rm(directory, { recursive: true, force: true });
	}
});
