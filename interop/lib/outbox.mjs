// The mails that a server sent, read from the lines that it printed. Both servers print the
// address and the link in one line; the kind of the mail is told by its link.

const link = /https?:\/\/[^\s"'<>]+/;
const address = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/;

// parseMail returns the mail that a line tells of: {kind, to, url}, or null.
export function parseMail(line) {
	line = line.replaceAll('\\u0026', '&');
	const url = link.exec(line)?.[0];
	const to = url && address.exec(line.replace(url, ''))?.[0];
	const kind = url && kindOf(url);
	return to && kind ? { kind, to, url } : null;
}

function kindOf(text) {
	const url = new URL(text);
	if (url.pathname.includes('/reset-password/')) return 'reset-password';
	if (url.pathname.endsWith('/delete-user/callback')) return 'delete-user';
	if (url.pathname.endsWith('/verify-email')) {
		const claims = JSON.parse(Buffer.from(url.searchParams.get('token').split('.')[1], 'base64url'));
		return claims.requestType ?? 'verify-email';
	}
	return null;
}
