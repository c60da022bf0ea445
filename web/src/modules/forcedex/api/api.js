/** Asks the service. Everything else in the page gets data and fires events. */

const BASE = '/api/v1';
const PATIENCE = 3; // times that we wait when told to
let csrf = '';

/** An answer that is no success, as the service told it. */
export class Problem extends Error {
    constructor(status, code, message, hint = '') {
        super(message);
        this.status = status;
        this.code = code;
        this.hint = hint;
    }
}

/** What changes must carry along: from `/me`. */
export function useToken(token) {
    csrf = token;
}

const pause = (seconds, signal) =>
    new Promise((resolve, reject) => {
        const timer = setTimeout(resolve, seconds * 1000);
        signal?.addEventListener('abort', () => {
            clearTimeout(timer);
            reject(new DOMException('No longer wanted', 'AbortError'));
        });
    });

async function fetched(method, path, { body, signal, headers = {} } = {}) {
    const sent = { ...headers };
    if (method !== 'GET') sent['X-CSRF-Token'] = csrf;
    if (body !== undefined) sent['Content-Type'] = 'application/json';
    for (let turn = 0; ; turn += 1) {
        let answer;
        try {
            answer = await fetch(BASE + path, {
                method,
                signal,
                headers: sent,
                body: body === undefined ? undefined : JSON.stringify(body),
                credentials: 'same-origin',
                cache: 'no-store',
            });
        } catch (error) {
            if (error.name === 'AbortError') throw error;
            throw new Problem(0, 'unreachable', '');
        }
        if (answer.ok || answer.status === 304) return answer;
        const wait = Number(answer.headers.get('Retry-After') ?? 0);
        if (answer.status === 429 && wait > 0 && wait <= 10 && turn < PATIENCE) {
            await pause(wait + Math.random(), signal);
            continue;
        }
        const told = await answer.json().catch(() => ({}));
        const { code = 'internal', message = '', hint = '' } = told.error ?? {};
        throw new Problem(answer.status, code, message, hint);
    }
}

/** The JSON of a GET. */
export async function get(path, options) {
    return (await fetched('GET', path, options)).json();
}

/** The JSON of a POST; null where there is none. */
export async function post(path, body, options) {
    const answer = await fetched('POST', path, { ...options, body });
    return answer.status === 204 ? null : answer.json();
}

/** A DELETE. */
export async function remove(path) {
    await fetched('DELETE', path);
}

/** What changed since the ETag that is known: `{ etag, value }`, or null where nothing did. */
export async function changed(path, etag, options = {}) {
    const headers = etag ? { 'If-None-Match': etag } : {};
    const answer = await fetched('GET', path, { ...options, headers });
    return answer.status === 304 ? null : { etag: answer.headers.get('ETag') ?? '', value: await answer.json() };
}

/** A file: its name and content. */
export async function file(path, body) {
    const answer = await fetched('POST', path, { body });
    const name = /filename="([^"]+)"/.exec(answer.headers.get('Content-Disposition') ?? '')?.[1] ?? 'export';
    return { name, content: await answer.blob() };
}
