/** What a call of Apex that failed means: `{ code, message, hint }`, the code being one that we have words for, or the service's. */

const NO_ACCESS = /access to the apex class|insufficient (access|privileges)|INSUFFICIENT_ACCESS|not have access/i;

const coded = (code) => ({ code, message: '', hint: '' });

/** Of a rejected promise of an imported Apex method. */
export function problemOf(error) {
    const said = error?.body?.message;
    if (typeof said !== 'string') return coded('unreachable');
    try {
        const found = JSON.parse(said);
        if (typeof found?.code === 'string') return { code: found.code, message: found.message ?? '', hint: found.hint ?? '' };
    } catch {
        // Not ours: what the platform itself says, which is not for people.
    }
    return coded(NO_ACCESS.test(said) ? 'no_access' : 'unavailable');
}
