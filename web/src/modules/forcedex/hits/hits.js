/** Hits as the service tells them, with what this page adds: addresses, and what their objects are called. */

import { readable } from 'c/forcedexHits';
import { say } from 'forcedex/i18n';
import { kindOf } from 'forcedex/org';
import { recordAddress } from 'forcedex/router';

export { explained } from 'c/forcedexHits';

/** One hit for `hitList`. */
export const ready = (hit, fresh = false) => ({
    ...readable(hit),
    kind: kindOf(hit.object),
    href: recordAddress(hit.object, hit.id),
    url: hit.url,
    outside: say('openNamedInSalesforce', { name: hit.title }),
    fresh,
});

/** A suggestion or a recent record for `searchBox`. */
export const suggested = (each) => ({ ...each, href: recordAddress(each.object, each.id), detail: each.detail || kindOf(each.object) });
export const remembered = (each) => ({
    object: each.object,
    id: each.id,
    title: each.title,
    note: each.fields['Account.Name'] ?? each.fields.Company ?? kindOf(each.object),
    href: recordAddress(each.object, each.id),
});
