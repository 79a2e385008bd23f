import { readFileSync } from "node:fs";
import { BlueskyStrategy, Client, MastodonStrategy } from "@humanwhocodes/crosspost";

const [host, what, given] = process.argv.slice(2);
const really = globalThis.fetch;
globalThis.fetch = (url, options) => really(String(url).replace(/^https:/, "http:"), options);

const mastodon = n => new MastodonStrategy({ accessToken: `mastodon-${n}`, host });
const bluesky = n => new BlueskyStrategy({ identifier: "acme.example", password: `bluesky-${n}`, host });
const five = [0, 1, 2, 3, 4];

async function post(strategies, text, options) {
	const answers = await new Client({ strategies }).post(text, options);
	const failed = answers.filter(answer => !answer.ok);
	if (failed.length > 0) {
		throw failed[0].reason;
	}
}

if (what === "many") {
	const strategies = [...five.map(mastodon), ...five.map(bluesky)];
	for (let n = 0; n < Number(given); n++) {
		await post(strategies, `Post number ${n} says something of its own.`);
	}
} else {
	const data = new Uint8Array(readFileSync(given));
	data.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
	await post([mastodon("film")], "A film.", { images: [{ data, alt: "A leaf falls" }] });
}
