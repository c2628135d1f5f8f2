// A certified OpenID provider on loopback, over TLS, whose access tokens are shaped as Keycloak's are.
//
// The first line of standard input describes it: certificate and key (PEM), port (0: any), accounts and clients. Each
// further line is one order of the test's, answered by one line of JSON. Whoever can only speak HTTP orders nothing.
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer } from 'node:https';
import { createInterface } from 'node:readline';
import { Provider, interactionPolicy } from 'oidc-provider';

const MAKING = {
  RS256: ['rsa', { modulusLength: 2048 }],
  PS256: ['rsa', { modulusLength: 2048 }],
  ES256: ['ec', { namedCurve: 'P-256' }],
  EdDSA: ['ed25519', {}],
};
const AUDIENCE = 'muniment-api';
const RESOURCE = 'urn:muniment:api'; // the protocol wants an absolute URI here; the token carries AUDIENCE

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const read = async () => JSON.parse((await lines.next()).value ?? 'null');
const tell = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

const house = await read();
const accounts = new Map(Object.entries(house.accounts));
const programs = new Map(house.clients.filter((c) => c.claims).map((c) => [c.client_id, c.claims]));
const secretOfCookies = randomUUID();
let issuer;
let keys;
let provider;
let lifetime = 300;
let jwksFetched = 0;

function makeKeys(alg) {
  const jwk = (name) => ({
    ...generateKeyPairSync(...MAKING[name]).privateKey.export({ format: 'jwk' }), alg: name, use: 'sig', kid: randomUUID(),
  });
  keys = { alg, all: [jwk(alg), ...(alg === 'RS256' ? [] : [jwk('RS256')])] };
}

// What Keycloak's mappers put into a token, as `muniment keycloak bootstrap` sets them up. Undefined is left out.
function mapped(id, claims) {
  const { realm_roles: realm, client_roles: ours, ...rest } = claims;
  return {
    ...rest,
    realm_access: realm ? { roles: realm } : undefined,
    resource_access: ours ? { [AUDIENCE]: { roles: ours } } : undefined,
    preferred_username: id,
  };
}

function shaped(ctx, token, jwt) {
  const client = token.clientId;
  const known = token.accountId ? accounts.get(token.accountId) : programs.get(client);
  const id = token.accountId ?? `service-account-${client}`;
  Object.assign(jwt.payload, mapped(id, known ?? {}), { azp: client, sid: token.sid, acr: '1' });
  const modern = house.clients.find((c) => c.client_id === client)?.modern;
  if (modern) return; // RFC 9068, as the provider has it itself: typ "at+jwt", client_id
  jwt.header = { typ: 'JWT' };
  jwt.payload.typ = 'Bearer';
  if (token.accountId) delete jwt.payload.client_id;
}

function build() {
  const { base } = interactionPolicy;
  provider = new Provider(issuer, {
    jwks: { keys: keys.all },
    clients: house.clients.map(({ modern, claims, ...metadata }) => metadata),
    cookies: { keys: [secretOfCookies] },
    scopes: ['openid', 'profile', 'offline_access'],
    claims: { openid: ['sub'], profile: ['name', 'preferred_username', 'locale'] },
    pkce: { required: (_, client) => client.grantTypeAllowed('authorization_code') },
    ttl: {
      AccessToken: () => lifetime, ClientCredentials: () => lifetime, IdToken: 300,
      RefreshToken: 1800, Session: 3600, Grant: 3600, Interaction: 600,
    },
    rotateRefreshToken: true,
    issueRefreshToken: async (_, client) => client.grantTypeAllowed('refresh_token'),
    interactions: { policy: base(), url: (_, interaction) => `/interaction/${interaction.uid}` },
    findAccount: async (_, id) => accounts.has(id) && {
      accountId: id,
      claims: async () => ({ sub: id, name: accounts.get(id).name, preferred_username: id }),
    },
    async loadExistingGrant(ctx) { // every client is the house's own: nobody is asked for consent
      const grant = new ctx.oidc.provider.Grant({
        clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId,
      });
      grant.addOIDCScope('openid profile offline_access');
      grant.addResourceScope(RESOURCE, 'openid profile');
      await grant.save();
      return grant;
    },
    formats: { customizers: { jwt: shaped } },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      revocation: { enabled: true },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) => {
          ctx.body = `<!doctype html><title>Sign out</title>${form}<button name="logout" value="yes" form="op.logoutForm">Sign out</button>`;
        },
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => RESOURCE,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: 'openid profile', audience: AUDIENCE, accessTokenFormat: 'jwt', jwt: { sign: { alg: keys.alg } },
        }),
      },
    },
  });
}

// The page at which people say who they are: no passwords, since everyone here is invented.
async function interaction(request, response) {
  await provider.interactionDetails(request, response);
  if (request.method === 'POST') {
    let body = '';
    for await (const piece of request) body += piece;
    const form = new URLSearchParams(body);
    const result = form.get('deny') || !accounts.has(form.get('login'))
      ? { error: 'access_denied', error_description: 'Nobody of this house.' }
      : { login: { accountId: form.get('login') } };
    await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
    return;
  }
  const buttons = [...accounts.keys()].map((id) => `<button name="login" value="${id}">${id}</button>`).join(' ');
  response.setHeader('content-type', 'text/html; charset=utf-8');
  response.end(`<!doctype html><title>Who are you?</title><form method="post">${buttons}
    <button name="deny" value="yes">Nobody</button></form>`);
}

const server = createServer({ cert: house.cert, key: house.key }, (request, response) => {
  if (request.url === '/jwks') jwksFetched += 1;
  if (request.url.startsWith('/interaction/')) {
    interaction(request, response).catch(() => { response.statusCode = 400; response.end('gone'); });
  } else {
    provider.callback()(request, response);
  }
});
const listen = (port) => new Promise((done) => { server.listen(port, '127.0.0.1', done); });

const orders = {
  // A new signing key; with `keep` the old ones are still published.
  rotate({ alg = 'RS256', keep = false }) {
    const old = keys.all;
    makeKeys(alg);
    if (keep) keys.all.push(...old);
    build();
    return keys.all[0].kid;
  },
  // An access token of a person's for a client, without a browser.
  async token({ account, client, sid = randomUUID() }) {
    const { AccessToken, Client, ResourceServer } = provider;
    const token = new AccessToken({
      accountId: account, client: await Client.find(client), scope: 'openid profile', sid, gty: 'authorization_code',
    });
    token.resourceServer = new ResourceServer(RESOURCE, {
      scope: 'openid profile', audience: AUDIENCE, accessTokenFormat: 'jwt', jwt: { sign: { alg: keys.alg } },
    });
    return token.save();
  },
  lifetime({ seconds }) { lifetime = seconds; return seconds; },
  account({ id, claims }) { if (claims) accounts.set(id, claims); else accounts.delete(id); return id; },
  fetched() { return jwksFetched; },
  async backchannel({ account, client, sid }) {
    const found = await provider.Client.find(client);
    await found.backchannelLogout(account, sid);
    return true;
  },
  async stop() {
    await new Promise((done) => { server.close(done); server.closeAllConnections(); });
    return true;
  },
  async start() { await listen(new URL(issuer).port); return true; },
};

makeKeys('RS256');
await listen(house.port ?? 0);
issuer = `https://localhost:${server.address().port}`;
build();
tell({ issuer });
for (let order = await read(); order; order = await read()) {
  try {
    tell({ done: await orders[order.order](order) });
  } catch (error) {
    tell({ failed: `${error.name}: ${error.message}` });
  }
}
process.exit(0);
