import { auth } from "/auth-client.js";

const $ = (id) => document.getElementById(id);
const show = (id, on) => { $(id).hidden = !on; };
const say = (text) => { $("message").textContent = text; };

// Returns the data of a call of the client, or shows its error.
async function call(promise) {
	const { data, error } = await promise;
	if (error) throw new Error(error.message || error.statusText || "The request failed");
	return data;
}

// Calls the app's own API.
async function api(path, body) {
	const response = await fetch(path, body && {
		method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
	});
	const data = await response.json();
	if (!response.ok) throw new Error(data.error);
	return data;
}

function list(id, items, fill) {
	$(id).replaceChildren(...items.map((item) => {
		const li = document.createElement("li");
		fill(li, item);
		return li;
	}));
}

function button(text, action) {
	const b = document.createElement("button");
	b.textContent = text;
	b.addEventListener("click", () => run(action));
	return b;
}

async function refresh() {
	const session = await call(auth.getSession());
	show("signed-out", !session);
	show("signed-in", !!session);
	show("sign-out", !!session);
	$("who").textContent = session ? session.user.name : "";
	if (!session) return;
	const active = session.session.activeOrganizationId;
	list("organizations", await call(auth.organization.list()), (li, org) => {
		li.append(org.name, " ");
		if (org.id === active) li.append("(active)");
		else li.append(button("Use", () => call(auth.organization.setActive({ organizationId: org.id }))));
	});
	show("create-project", !!active);
	list("projects", active ? await api("/api/projects") : [], (li, project) => { li.textContent = project.name; });
	const { apiKeys } = await call(auth.apiKey.list());
	list("api-keys", apiKeys, (li, key) => {
		li.append(`${key.name ?? ""} ${key.start}… `, button("Delete", () => call(auth.apiKey.delete({ keyId: key.id }))));
	});
}

// Runs an action and shows what it changed.
async function run(action) {
	say("");
	try {
		await action();
		await refresh();
	} catch (error) {
		say(error.message);
	}
}

function onSubmit(id, action) {
	$(id).addEventListener("submit", (event) => {
		event.preventDefault();
		const form = event.target;
		run(async () => {
			await action(Object.fromEntries(new FormData(form)));
			form.reset();
		});
	});
}

const slug = (name) => `${name.toLowerCase().replace(/[^a-z0-9]+/g, "-")}-${crypto.getRandomValues(new Uint32Array(1))[0].toString(36)}`;

onSubmit("sign-up", (values) => call(auth.signUp.email(values)));
onSubmit("sign-in", (values) => call(auth.signIn.email(values)));
onSubmit("create-organization", ({ name }) => call(auth.organization.create({ name, slug: slug(name) })));
onSubmit("create-project", ({ name }) => api("/api/projects", { name }));
onSubmit("create-api-key", async ({ name }) => {
	const { key } = await call(auth.apiKey.create({ name }));
	$("key").textContent = key;
	show("new-key", true);
});
$("sign-out").addEventListener("click", () => run(async () => {
	await call(auth.signOut());
	$("key").textContent = "";
	show("new-key", false);
}));
run(async () => {});
