// A real OpenID provider on this machine, which takes no code without its PKCE verifier. What it is
// told on its command line: its port, where it may lead back to, and how it signs.

import { generateKeyPairSync, randomUUID } from "node:crypto";
import { Provider } from "oidc-provider";

const [port, back, algorithm] = process.argv.slice(2);
const kinds = { ES256: ["ec", { namedCurve: "P-256" }], RS256: ["rsa", { modulusLength: 2048 }] };

const key = (name) => {
  const { privateKey } = generateKeyPairSync(...kinds[name]);
  return { ...privateKey.export({ format: "jwk" }), alg: name, use: "sig", kid: randomUUID() };
};

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: "bursar",
      client_secret: "a secret/with+signs",
      redirect_uris: [back],
      id_token_signed_response_alg: algorithm,
    },
  ],
  pkce: { required: () => true },
  claims: { email: ["email", "email_verified"], profile: ["name"] },
  conformIdTokenClaims: false,
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({
      sub: id,
      name: `Somebody called ${id}`,
      email: `${id}@${id.startsWith("far") ? "elsewhere" : "trusted"}.example`,
      email_verified: !id.startsWith("unseen"),
    }),
  }),
  jwks: { keys: [key("RS256"), key("ES256")] },
  cookies: { keys: ["for a test"] },
  features: { devInteractions: { enabled: true } },
});

provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
