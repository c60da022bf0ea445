/** What a value of a record looks like, by its type: text, and where it leads. */

import { day, money, moment, number, share } from 'forcedex/format';
import { label } from 'forcedex/i18n';
import { recordAddress } from 'forcedex/router';

const KINDS = {
    '001': 'Account', '003': 'Contact', '005': 'User', '006': 'Opportunity', '00Q': 'Lead', '00T': 'Task',
    '00U': 'Event', '01t': 'Product2', '500': 'Case', '701': 'Campaign', '800': 'Contract', '801': 'Order',
};

/** `{ text, href, outside }` of a field as `/records` tells it; amounts in the record's currency. */
export function shown({ type, value, text, leads_to: leadsTo = [] }, currency) {
    switch (type) {
        case 'boolean':
            return { text: value ? label.yes : label.no };
        case 'currency':
            return { text: money(value, currency) };
        case 'percent':
            return { text: share(Number(value) / 100) };
        case 'int':
        case 'long':
        case 'double':
            return { text: number(value, { maximumFractionDigits: 6 }) };
        case 'date':
            return { text: day(value) };
        case 'datetime':
            return { text: moment(value) };
        case 'email':
            return { text: value, href: `mailto:${encodeURI(value)}`, outside: true };
        case 'phone':
            return { text: value, href: `tel:${String(value).replace(/[^\d+]/g, '')}`, outside: true };
        case 'url': {
            const href = /^https?:\/\//i.test(value) ? value : /^[\w-]+(\.[\w-]+)+/.test(value) ? `https://${value}` : undefined;
            return { text: value, href, outside: true };
        }
        case 'reference': {
            const object = leadsTo.length === 1 ? leadsTo[0] : KINDS[String(value).slice(0, 3)];
            return { text: text || value, href: object && text ? recordAddress(object, value) : undefined };
        }
        default:
            return { text: text || (Array.isArray(value) ? value.join(', ') : String(value)) };
    }
}
