// The official client with the plugins that the page uses. "npm run build" bundles it into auth-client.js.
import { apiKeyClient } from "@better-auth/api-key/client";
import { createAuthClient } from "better-auth/client";
import { organizationClient } from "better-auth/client/plugins";

export const auth = createAuthClient({
	baseURL: location.origin,
	plugins: [organizationClient(), apiKeyClient()],
});
